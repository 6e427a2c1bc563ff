import { describe, expect, it } from '@jest/globals'
import type { ExecutionResult } from 'graphql'
import { abortable } from '../../platform/streams/abortable.ts'
import { type FollowOptions, follow } from './follow.ts'
import type { RunnableSubscription } from './runnable-subscription.ts'
import { TooSlow } from './upstream.ts'

const event = (name: string, resumable?: object): ExecutionResult => ({
  data: { name },
  ...(resumable && { extensions: { resumable } }),
})
const turns = async () => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate)
}

/** Follows an upstream that gives these events and then waits, or ends. */
function start(
  options: { events: ExecutionResult[]; ends?: boolean; join?: RunnableSubscription['join'] } & Partial<FollowOptions>,
) {
  const { events, ends, join, ...over } = options
  const written: string[] = []
  const opened: (string | undefined)[] = []
  const following = follow({
    subject: 'ann',
    after: undefined,
    joinAgainAfter: 1,
    turn: async () => ({ arrived() {}, waitsForClient() {}, written() {}, end() {} }),
    charge: { add: () => undefined, settle() {} },
    sink: {
      write: (payload) => void written.push(String(payload)),
      isCongested: () => false,
      isFull: () => false,
      hasRoomFor: () => true,
      hold: () => () => {},
      writeAll: () => {},
      onceDrained: () => {},
    },
    prepare: async () => ({
      resumable: true,
      open: (after) =>
        abortable(async function* (signal) {
          opened.push(after)
          yield* events
          if (!ends) await new Promise((resolve) => signal.addEventListener('abort', resolve))
        }),
      toPayload: async ({ data }) => Buffer.from(String(data?.name)),
      join,
    }),
    ...over,
  })
  return { ...following, written, opened }
}

it('gives everything of an upstream that tells nothing of its place, and completes with it', async () => {
  const { ended, written } = start({ events: [event('a'), event('b')], ends: true })
  await ended
  expect(written).toEqual(['a', 'b'])
})

it('does not join at an event that removes the viewer', async () => {
  const joined: string[] = []
  const { ended } = start({
    events: [event('a', { cursor: '1', live: true, remove: ['ann'] })],
    ends: true,
    join: async (cursor) => {
      joined.push(cursor)
      return undefined
    },
  })
  await ended
  expect(joined).toEqual([])
})

it('gives a removal that was taken back to a client that only catches up, and ends with it for one that has', async () => {
  const replay = [event('a', { cursor: '1', live: false, remove: ['ann'] }), event('b', { cursor: '2', live: true })]
  const { move, ended, written } = start({ events: replay })
  await turns()
  expect(written).toEqual(['a', 'b'])
  move()
  await ended
  expect(written).toEqual(['a', 'b', 'a'])
})

it('joins where it has caught up, not before, and not at an event without a cursor', async () => {
  const joined: string[] = []
  const { stop, ended } = start({
    events: [
      event('a', { cursor: '1', live: false }),
      event('b', { cursor: null, live: true }),
      event('c', { cursor: '2', live: true, remove: ['ben'] }),
    ],
    join: async (cursor) => {
      joined.push(cursor)
      return { ended: new Promise(() => {}), cursor: () => cursor, leave: () => {} }
    },
  })
  await turns()
  expect(joined).toEqual(['2'])
  stop()
  void ended
})

it('writes nothing once it was stopped, and leaves the stream that it joins meanwhile', async () => {
  const joining = Promise.withResolvers<void>()
  let left = false
  const { stop, ended, written } = start({
    events: [event('a', { cursor: '1', live: true }), event('b', { cursor: '2', live: true })],
    join: async (cursor) => {
      await joining.promise
      return { ended: Promise.resolve({ kind: 'removed' }), cursor: () => cursor, leave: () => (left = true) }
    },
  })
  await turns()
  stop()
  joining.resolve()
  await ended
  expect(left).toBe(true)
  expect(written).toEqual(['a'])
})

it('goes on after the last cursor on a new graph, and ends with what is wrong there', async () => {
  let problem: Error | undefined
  const opened: (string | undefined)[] = []
  const { move, ended, written } = start({
    events: [],
    async prepare() {
      if (problem) throw problem
      return {
        resumable: true,
        open: (after) =>
          abortable(async function* (signal) {
            opened.push(after)
            yield event(`after ${after}`, { cursor: '1', live: false })
            await new Promise((resolve) => signal.addEventListener('abort', resolve))
          }),
        toPayload: async ({ data }) => Buffer.from(String(data?.name)),
      }
    },
  })
  await turns()
  move()
  await turns()
  expect(opened).toEqual([undefined, '1'])
  expect(written).toEqual(['after undefined', 'after 1'])
  problem = new Error('There is no such field any more')
  move()
  await expect(ended).rejects.toThrow('no such field')
})

it('lets events leave the line to be completed when it is stopped or moved, and goes on after its cursor', async () => {
  const waiting = new Set<object>()
  const opened: (string | undefined)[] = []
  const { move, stop, ended, written } = start({
    events: [],
    prepare: async () => ({
      resumable: true,
      open: (after) =>
        abortable(async function* (signal) {
          opened.push(after)
          if (after === undefined) yield event('first', { cursor: '1', live: false })
          yield event('next', { cursor: '2', live: false })
          yield event('last', { cursor: '3', live: false })
          await new Promise((resolve) => signal.addEventListener('abort', resolve))
        }),
      toPayload: async ({ data }, signal) => {
        if (data?.name === 'first') return Buffer.from('first')
        waiting.add(data ?? {})
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            waiting.delete(data ?? {})
            reject(new Error('It was not its turn in time'))
          })
        })
      },
    }),
  })
  await turns()
  expect(waiting.size).toBe(2)
  move()
  await turns()
  expect(opened).toEqual([undefined, '1'])
  expect(waiting.size).toBe(2)
  stop()
  await ended
  expect(waiting.size).toBe(0)
  expect(written).toEqual(['first'])
})

/** Follows upstreams of which each is opened in its turn. */
const startOn = (upstreams: { resumable: boolean; events: ExecutionResult[]; fails?: Error }[]) => {
  const opened: (string | undefined)[] = []
  const turnsOut = new Set<object>()
  const following = start({
    events: [],
    turn: async () => {
      const turn = {}
      turnsOut.add(turn)
      return { arrived() {}, waitsForClient() {}, written() {}, end: () => void turnsOut.delete(turn) }
    },
    prepare: async () => {
      const { resumable, events, fails } = upstreams[opened.length] ?? { resumable: true, events: [] }
      return {
        resumable,
        open: (after) =>
          abortable(async function* (signal) {
            opened.push(after)
            yield* events
            if (fails) throw fails
            await new Promise((resolve) => signal.addEventListener('abort', resolve))
          }),
        toPayload: async () => Buffer.from(''),
      }
    },
  })
  return { ...following, opened, turnsOut: () => turnsOut.size }
}

it('goes on by itself after events that came too fast to be completed, but not again and again from one place', async () => {
  const fails = new TooSlow()
  const one = { resumable: true, fails, events: [event('a', { cursor: '1', live: false })] }
  const { ended, opened } = startOn([one, one])
  await expect(ended).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  expect(opened).toEqual([undefined, '1'])
})

it('ends where it could only begin again: the field can be resumed no more, or could not be', async () => {
  for (const wasResumable of [true, false]) {
    const events = [event('a', { cursor: '1', live: false })]
    const { move, ended, opened } = startOn([
      { resumable: wasResumable, events },
      { resumable: !wasResumable, events },
    ])
    await turns()
    move()
    await expect(ended).rejects.toMatchObject({ name: 'GraphChanged' })
    expect(opened).toEqual([undefined])
  }
})

it('gives back its turn when it was stopped meanwhile', async () => {
  const { stop, ended, opened, turnsOut } = startOn([])
  stop()
  await ended
  expect(opened).toEqual([])
  expect(turnsOut()).toBe(0)
})

it('ends its turn with the first event on a new graph, though that is no news', async () => {
  const marker = [event('caught up', { cursor: '1', live: true })]
  const { move, opened, turnsOut, stop, ended } = startOn([
    { resumable: true, events: marker },
    { resumable: true, events: marker },
  ])
  await turns()
  move()
  await turns()
  expect(opened).toEqual([undefined, '1'])
  expect(turnsOut()).toBe(0)
  stop()
  await ended
})

it('leaves its upstream when the client is full, and goes on after its cursor once that is drained', async () => {
  const client = { full: false, drained: () => {} }
  const { opened, written, stop, ended } = start({
    events: [event('a', { cursor: '1', live: false }), event('b', { cursor: '2', live: false })],
    sink: {
      write: (payload) => {
        written.push(String(payload))
        client.full = written.length === 1
      },
      isFull: () => client.full,
      hasRoomFor: () => true,
      hold: () => () => {},
      writeAll: () => {},
      isCongested: () => client.full,
      onceDrained: (listener) => {
        client.drained = listener
      },
    },
  })
  await turns()
  expect({ opened, written }).toEqual({ opened: [undefined], written: ['a'] })
  client.full = false
  client.drained()
  await turns()
  expect({ opened, written }).toEqual({ opened: [undefined, '1'], written: ['a', 'a', 'b'] })
  stop()
  await ended
})

const fullSink = {
  write: () => {},
  writeAll: () => {},
  isFull: () => true,
  hasRoomFor: () => true,
  hold: () => () => {},
  isCongested: () => true,
  onceDrained: () => {},
}

it('holds an event for which its client has no room, and its turn with it, until what waits is taken', async () => {
  for (const cursor of ['1', null]) {
    const client = { hasRoom: false, drained: () => {} }
    const turn = { hasArrived: false, waits: false, isWritten: false }
    const { opened, written, stop, ended } = start({
      events: [event('a', { cursor, live: false })],
      turn: async () => ({
        arrived: () => {
          turn.hasArrived = true
        },
        waitsForClient: () => {
          turn.waits = true
        },
        written: () => {
          turn.isWritten = true
        },
        end() {},
      }),
      sink: {
        ...fullSink,
        write: (payload) => void written.push(String(payload)),
        isFull: () => false,
        hasRoomFor: () => client.hasRoom,
        hold: () => () => {},
        onceDrained: (listener) => {
          client.drained = listener
        },
      },
    })
    await turns()
    expect({ written, ...turn }).toEqual({ written: [], hasArrived: true, waits: true, isWritten: false })
    client.hasRoom = true
    client.drained()
    await turns()
    expect({ opened, written, ...turn }).toEqual({
      opened: [undefined],
      written: ['a'],
      hasArrived: true,
      waits: true,
      isWritten: true,
    })
    stop()
    await ended
  }
})

it('stays with its upstream for a full client that has no cursor to go on after', async () => {
  const { opened, ended } = start({
    events: [event('a'), event('b', { cursor: null, live: true })],
    ends: true,
    sink: fullSink,
  })
  await ended
  expect(opened).toEqual([undefined])
})

it('lets go of a first event that must not wait, and asks for it again when its client has room', async () => {
  const written: string[] = []
  const client = { isFull: true, drained: () => {} }
  const { opened, stop, ended } = start({
    events: [event('a', { cursor: '1', live: false })],
    sink: {
      ...fullSink,
      write: (payload) => void written.push(String(payload)),
      isFull: () => false,
      isCongested: () => client.isFull,
      hasRoomFor: () => !client.isFull,
      hold: () => undefined,
      onceDrained: (listener) => {
        client.drained = listener
      },
    },
  })
  await turns()
  expect({ opened, written }).toEqual({ opened: [undefined], written: [] })
  client.isFull = false
  client.drained()
  await turns()
  expect({ opened, written }).toEqual({ opened: [undefined, undefined], written: ['a'] })
  stop()
  await ended
})

it('completes for a client that is full when it is removed', async () => {
  const { opened, ended } = start({
    events: [event('a', { cursor: '1', live: true, remove: ['ann'] })],
    ends: true,
    sink: fullSink,
  })
  await ended
  expect(opened).toEqual([undefined])
})

describe('a replay', () => {
  const replay = [
    event('a', { cursor: '1', live: false }),
    event('b', { cursor: '2', live: false }),
    event('c', { cursor: '3', live: true }),
    event('d', { cursor: '4', live: true }),
  ]
  const paying = (most: number) => {
    const paid = { events: 0, settled: 0 }
    const charge = {
      async add() {
        if (paid.events === most) throw new Error('no points left')
        paid.events += 1
      },
      settle() {
        paid.settled += 1
      },
    }
    return { paid, charge }
  }

  it('is paid for until the client has caught up, and holds its turn until then', async () => {
    const { paid, charge } = paying(100)
    const paidWhenWritten: number[] = []
    let endedAt: number | undefined
    const { stop, ended, written } = start({
      events: replay,
      charge,
      turn: async () => ({
        arrived() {},
        waitsForClient() {},
        written: () => void paidWhenWritten.push(paid.events),
        end: () => (endedAt ??= paidWhenWritten.length),
      }),
    })
    await turns()
    expect(written).toEqual(['a', 'b', 'c', 'd'])
    expect({ paid, endedAt }).toEqual({ paid: { events: 3, settled: 0 }, endedAt: 3 })
    stop()
    await ended
    expect(paid.settled).toBe(1)
  })

  it('ends where its client can pay no more, before that is written, and takes what is owed', async () => {
    const { paid, charge } = paying(1)
    const { ended, written } = start({ events: replay, charge })
    await expect(ended).rejects.toThrow('no points left')
    expect({ written, paid }).toEqual({ written: ['a'], paid: { events: 1, settled: 1 } })
  })

  it('of a client without room for an event stops there, holds nothing, and goes on once that is drained', async () => {
    const client = { hasRoom: true, drained: () => {} }
    const written: string[] = []
    const { opened, stop, ended } = start({
      events: replay,
      sink: {
        ...fullSink,
        write: (payload) => {
          written.push(String(payload))
          client.hasRoom = false
        },
        isFull: () => false,
        hasRoomFor: () => client.hasRoom,
        hold: () => () => {},
        onceDrained: (listener) => {
          client.drained = listener
        },
      },
    })
    await turns()
    expect({ opened, written }).toEqual({ opened: [undefined], written: ['a'] })
    client.hasRoom = true
    client.drained()
    await turns()
    expect(opened).toEqual([undefined, '1'])
    stop()
    await ended
  })
})

/** Follows with a plan, and then a turn to open, that each come when the test says so. */
const startSlowly = () => {
  const steps: string[] = []
  const plans: PromiseWithResolvers<RunnableSubscription>[] = []
  const openings: PromiseWithResolvers<void>[] = []
  const following = start({
    events: [],
    prepare(signal) {
      steps.push('prepare')
      const plan = Promise.withResolvers<RunnableSubscription>()
      signal.addEventListener('abort', () => plan.reject(new Error('nobody waits')))
      plans.push(plan)
      return plan.promise
    },
    async turn() {
      steps.push('turn')
      const opening = Promise.withResolvers<void>()
      openings.push(opening)
      await opening.promise
      return { arrived() {}, waitsForClient() {}, written() {}, end: () => void steps.push('end') }
    },
  })
  const plan = () =>
    plans.shift()?.resolve({
      resumable: true,
      open: () =>
        abortable(async function* (signal) {
          steps.push('open')
          await new Promise((resolve) => signal.addEventListener('abort', resolve))
          yield* []
        }),
      toPayload: async () => Buffer.from(''),
    })
  return { ...following, steps, plan, takeTurn: () => openings.shift()?.resolve() }
}

it('takes no turn to open before it is planned', async () => {
  const { steps, plan, takeTurn, stop, ended } = startSlowly()
  await turns()
  expect(steps).toEqual(['prepare'])
  plan()
  await turns()
  takeTurn()
  await turns()
  expect(steps).toEqual(['prepare', 'turn', 'open'])
  stop()
  await ended
  expect(steps).toEqual(['prepare', 'turn', 'open', 'end'])
})

it('ends while it waits to be planned, and gives back a turn that came too late', async () => {
  const planning = startSlowly()
  planning.stop()
  await planning.ended
  expect(planning.steps).toEqual(['prepare'])
  const opening = startSlowly()
  opening.plan()
  await turns()
  opening.stop()
  opening.takeTurn()
  await opening.ended
  expect(opening.steps).toEqual(['prepare', 'turn', 'end'])
})

it('is planned again when the graph has changed before it opened', async () => {
  const { steps, plan, takeTurn, move, stop, ended } = startSlowly()
  plan()
  await turns()
  move()
  takeTurn()
  await turns()
  expect(steps).toEqual(['prepare', 'turn', 'end', 'prepare'])
  plan()
  await turns()
  takeTurn()
  await turns()
  expect(steps.slice(4)).toEqual(['turn', 'open'])
  stop()
  await ended
})
