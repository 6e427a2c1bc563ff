import type { Resources } from '../../platform/lifecycle/resources.ts'
import { createRoom, type Person, signUp } from '../../tests/clients.ts'
import { openBareWriter } from '../clients/bare-writer.ts'
import { createChatWriter } from '../clients/chat-writer.ts'
import type { BareServer } from '../processes/bare-server.ts'
import { startChild } from '../processes/child.ts'
import { startParley } from '../processes/parley.ts'
import type { PlainGraphqlWs } from '../processes/plain-graphql-ws.ts'
import { type Contender, createContender } from './contender.ts'

const text = 'a message of the usual length'
const times = (count: number, work: () => Promise<unknown>) => Promise.all(Array.from({ length: count }, work))

/** Parley's gateway, alone in its process. Messages are sent at chat: the gateway does nothing but deliver. */
export async function openParley(resources: Resources): Promise<Contender> {
  const { url, socketUrl, chatUrl, passportKeys, gateway, chat } = await startParley(resources)
  const person = await signUp(url, 'Somebody with a name')
  await showPicture(person)
  const roomId = await createRoom(person)
  const { accessToken } = person
  const write = createChatWriter({ url: chatUrl, passportKeys, accessToken })
  return createContender({
    resources,
    seat: { url: socketUrl, accessToken, roomId },
    send: (count) => times(count, () => write(roomId, text)),
    spent: async () => ({ server: await gateway.ask('cpu'), chat: await chat.ask('cpu') }),
  })
}

const showPicture = (person: Person) =>
  person.do('mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { id } }', {
    input: { avatarUrl: 'https://pictures.example.org/somebody.png' },
  })

/** A server of `ws` that sends the same bytes to each socket. */
export async function openRaw(resources: Resources, frame: string): Promise<Contender> {
  const server = resources.own(startChild<BareServer>('bare-server'))
  const url = await server.ask('start')
  const write = await openBareWriter(resources, url)
  return createContender({
    resources,
    seat: { url: `${url}/room` },
    send: (count) => times(count, () => write('room', frame)),
    spent: async () => ({ server: await server.ask('cpu') }),
  })
}

/** graphql-ws with the same operation on the same schema, and all that an event needs at hand. */
export async function openPlain(resources: Resources, frame: string): Promise<Contender> {
  const server = resources.own(startChild<PlainGraphqlWs>('plain-graphql-ws'))
  const url = await server.ask('start')
  const event = JSON.parse(frame).payload.data.roomEvents
  return createContender({
    resources,
    seat: { url, accessToken: 'none', roomId: 'room' },
    send: (count) => server.ask('publish', Array(count).fill(event)),
    spent: async () => ({ server: await server.ask('cpu') }),
  })
}
