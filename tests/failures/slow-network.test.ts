import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type ManagedProcess, startManaged } from '../../dev/processes/managed-process.ts'
import { freePort } from '../../dev/stack/programs.ts'
import { createResources, type Resources } from '../../platform/lifecycle/resources.ts'
import { createRoom, type Person, signUp, trySend } from '../clients.ts'
import { createChance } from '../delivery/chance.ts'
import { hasServers, makePlace } from '../servers/place.ts'
import { startProcessesOnServers } from '../servers/processes.ts'
import { type SlowNetwork, startSlowNetwork } from './slow-network.ts'

const seed = 1
const writers = 8

const onServers = (suite: () => void) =>
  describe('sends while connections break, on real servers,', () => {
    if (hasServers()) suite()
    else it.skip('needs MySQL, MongoDB, Redis and Kafka', () => {})
  })

onServers(() => {
  const resources: Resources = createResources({ deadline: 60_000 })
  let gateway: ManagedProcess
  let toChat: SlowNetwork[]
  let toMongodb: SlowNetwork
  let ann: Person

  beforeAll(async () => {
    const place = await makePlace()
    const chance = createChance(seed)
    toMongodb = resources.own(await startSlowNetwork(String(place.variables.MONGODB_URL), chance))
    const variables = { ...place.variables, MONGODB_URL: `${toMongodb.url}?directConnection=true` }
    const { system, stop } = await startProcessesOnServers(
      {},
      { place: { ...place, variables }, counts: { gateway: 1, 'fan-out': 1 } },
    )
    resources.onClose(stop)
    const { auth, profile, chat } = system.processes
    toChat = await Promise.all(chat.map(async ({ url }) => resources.own(await startSlowNetwork(url, chance))))
    const replicas = { auth, profile, chat: toChat }
    gateway = await startManaged({
      name: 'gateway-slow',
      main: 'gateway/main.ts',
      port: await freePort(),
      environment: {
        ...variables,
        PASSPORT_KEYS: system.passportKeys.join(','),
        AUTH_URLS: auth.map(({ url }) => url).join(','),
        SUBGRAPHS: Object.entries(replicas)
          .flatMap(([name, all]) => all.map(({ url }) => `${name}=${new URL(url).origin}`))
          .join(','),
        OPERATIONS_PER_MINUTE: '1000000',
        // A busy machine answers slowly; so many more connections break under each send.
        OPERATION_TIMEOUT: '18000',
        LOG_LEVEL: 'warn',
      },
    })
    resources.onClose(async () => void (await gateway.end('SIGTERM')))
    ann = await signUp(gateway.url, 'Ann')
  }, 120_000)
  afterAll(() => resources.close(), 90_000)

  const calm = { latency: 0, breaks: 0 }
  /** Sends until so many connections have broken; gives what was sent, and what each send was answered with unless it was well. */
  const sendUntil = async (roomId: string, broken: () => number, count: number) => {
    const enough = broken() + count
    const texts: string[] = []
    const problems: unknown[] = []
    const write = async (writer: number) => {
      for (let round = 0; broken() < enough; round += 1) {
        const text = `${writer}/${round}`
        texts.push(text)
        const { errors } = await trySend(ann, roomId, text, text)
        if (errors) problems.push([text, errors])
      }
    }
    await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)))
    return { texts, problems }
  }
  const textsIn = async (roomId: string) => {
    const query = `query ($roomId: ID!, $after: String) { room(id: $roomId) { messages(first: 100, after: $after) {
      edges { node { text } } pageInfo { hasNextPage endCursor }
    } } }`
    const texts: string[] = []
    for (let after: string | undefined; ; ) {
      // biome-ignore lint/suspicious/noExplicitAny: read as it comes.
      const { room } = await ann.do<any>(query, { roomId, after })
      texts.push(...room.messages.edges.map(({ node }: { node: { text: string } }) => node.text))
      if (!room.messages.pageInfo.hasNextPage) return texts
      after = room.messages.pageInfo.endCursor
    }
  }

  it.each([
    ['between the gateway and chat', () => toChat],
    ['between chat and MongoDB', () => [toMongodb]],
  ])(
    '%s are each acknowledged, and committed once',
    async (_, networks) => {
      const broken = () => networks().reduce((sum, network) => sum + network.broken(), 0)
      const roomId = await createRoom(ann)
      for (const network of networks()) network.disturb({ latency: 20, breaks: 0.1 })
      const { texts, problems } = await sendUntil(roomId, broken, 20).finally(() => {
        for (const network of networks()) network.disturb(calm)
      })
      expect(problems).toEqual([])
      expect((await textsIn(roomId)).toSorted()).toEqual(texts.toSorted())
    },
    180_000,
  )
})
