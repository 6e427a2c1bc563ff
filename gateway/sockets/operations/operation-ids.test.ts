import { expect, it } from '@jest/globals'
import { MessageType, stringifyMessage } from 'graphql-ws'
import { MessageSink } from '../frames/message-sink.ts'
import type { ClientSocket } from '../opened-socket.ts'
import { OperationIds } from './operation-ids.ts'

const next = (id: string) => stringifyMessage({ id, type: MessageType.Next, payload: { data: { id: '1' } } })
const complete = (id: string) => stringifyMessage({ id, type: MessageType.Complete })
const error = (id: string) => stringifyMessage({ id, type: MessageType.Error, payload: [{ message: 'no' }] })

it('gives each operation an id of its own and shows the client its own, whatever it is', () => {
  for (const clientId of ['1', 'a"b', '__proto__', '', 'ü\n', '{"id":"2"']) {
    const ids = new OperationIds()
    ids.begin('first')
    const id = ids.begin(clientId) as string
    expect(id).not.toBe(ids.begin('another'))
    expect(ids.clientIdOf(id)).toBe(clientId)
    expect(JSON.parse(ids.outgoing(next(id)) as string)).toEqual({
      id: clientId,
      type: 'next',
      payload: { data: { id: '1' } },
    })
    expect(ids.outgoing('{"type":"pong"}')).toBe('{"type":"pong"}')
  }
})

it('refuses an id that is taken; it is free when the client or the server has ended its operation', () => {
  const ids = new OperationIds()
  for (const end of [
    () => ids.complete('a'),
    (id: string) => ids.outgoing(complete(id)),
    (id: string) => ids.outgoing(error(id)),
  ]) {
    const id = ids.begin('a') as string
    expect(ids.begin('a')).toBeUndefined()
    ids.outgoing(next(id))
    expect(ids.begin('a')).toBeUndefined()
    end(id)
    expect(ids.clientIdOf(id)).toBeUndefined()
  }
  expect(ids.begin('a')).toBeDefined()
})

it('lets nothing of an operation that the client has completed through under the one that follows', () => {
  const ids = new OperationIds()
  const written: string[] = []
  const socket = { sendBytes: (frames: Buffer) => void written.push(String(frames)) } as unknown as ClientSocket
  const first = ids.begin('a') as string
  const sink = new MessageSink(socket, 'a')
  ids.setSink(first, sink)
  sink.write(Buffer.from('{}'))
  expect(written).toHaveLength(1)
  expect(ids.complete('a')).toBe(first)
  const second = ids.begin('a') as string
  sink.write(Buffer.from('{}'))
  sink.writeAll([Buffer.from('{}')])
  expect(written).toHaveLength(1)
  for (const text of [next(first), error(first), complete(first)]) expect(ids.outgoing(text)).toBeUndefined()
  // Nor does the end of the first free the id of the second.
  expect(ids.begin('a')).toBeUndefined()
  expect(ids.clientIdOf(second)).toBe('a')
  const late = new MessageSink(socket, 'a')
  ids.setSink(first, late)
  late.write(Buffer.from('{}'))
  expect(written).toHaveLength(1)
})
