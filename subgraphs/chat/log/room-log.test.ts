import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { AppError, forbidden } from '../../../platform/errors/app-error.ts'
import { createLogger } from '../../../platform/logging/logger.ts'
import { createMetrics } from '../../../platform/metrics/metrics.ts'
import { chatDefaults } from '../config.ts'
import type { Draft, RoomEvent } from '../domain/room-event.ts'
import type { Appended, ChatStore } from '../store/chat-store.ts'
import { appendAtHead, draftOf, happen, joined, makeRoom, sent } from '../testing/drafts.ts'
import { metricValues } from '../testing/metric-values.ts'
import { temporaryStorage } from '../testing/temporary-store.ts'
import { until } from '../testing/until.ts'
import { catchUp } from './catch-up.ts'
import type { Command, RoomAtHead } from './room-commands.ts'
import { type CommitLimits, createRoomLog, type RoomLog, type RoomLogOptions } from './room-log.ts'

const logger = createLogger('chat', 'silent')

type LogOptions = Partial<Omit<RoomLogOptions, 'limits'>> & { limits?: Partial<CommitLimits> }

describe('room log', () => {
  let storage: Awaited<ReturnType<typeof temporaryStorage>>
  let store: ChatStore
  let roomId: string
  let committed: RoomEvent[]
  let log: RoomLog
  /** The drafts of every append that was asked for. */
  let appends: Draft[][]
  /** What a test does in place of, or around, the real append and projection. */
  let append: ChatStore['log']['append']
  let project: ChatStore['state']['project']

  const createLog = ({ limits, ...options }: LogOptions = {}) =>
    createRoomLog({
      logger,
      limits: { ...chatDefaults.commits, ...limits },
      onCommitted: (events) => void committed.push(...events),
      store: {
        ...store,
        log: {
          ...store.log,
          append(id, head, drafts) {
            appends.push(drafts)
            return append(id, head, drafts)
          },
        },
        state: { ...store.state, project: (events) => project(events) },
      },
      ...options,
    })

  beforeEach(async () => {
    storage = await temporaryStorage()
    store = await storage.open()
    roomId = await makeRoom(store)
    await happen(store, roomId, joined('ann', 'OWNER'), joined('bob'))
    committed = []
    appends = []
    append = store.log.append
    project = store.state.project
    log = createLog()
  })
  afterEach(async () => {
    await log.close()
    await store.close()
    await storage.remove()
  })

  const onlyMembers = async (at: RoomAtHead, userId: string) => {
    if (!(await at.member(userId))) throw forbidden('Only members')
  }
  /** A send as the domain has it. */
  const send = (text: string, userId = 'ann', key = `${userId}:${text}`): Command => ({
    key,
    batchable: true,
    async decide(at) {
      await onlyMembers(at, userId)
      return [sent(text, userId, { key })]
    },
  })
  const removal = (userId: string): Command => ({
    async decide(at) {
      await onlyMembers(at, userId)
      return [draftOf({ type: 'MemberLeft', userId, reason: 'REMOVED' })]
    },
  })
  const events = () => store.log.read(roomId, 0, 10_000)
  const textsOf = (from: RoomEvent[]) =>
    from.flatMap(({ change }) => (change.type === 'MessageSent' ? [change.text] : []))
  const texts = async () => textsOf(await events())
  const numbers = (count: number) => Array.from({ length: count }, (_, index) => `${index}`)
  const codeOf = async (result: Promise<unknown>) => {
    const error = await result.then(
      () => undefined,
      (reason) => reason,
    )
    expect(error).toBeInstanceOf(AppError)
    return (error as AppError).code
  }
  /** Holds the next append back until it is let go. */
  const holdAppend = () => {
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
    const { promise: reached, resolve: reach } = Promise.withResolvers<void>()
    const real = append
    append = async (...args) => {
      append = real
      reach()
      await held
      return append(...args)
    }
    return { reached, letGo }
  }

  it('gives the events as they are in the log, and tells of them once they are projected', async () => {
    let projected: number | undefined
    log = createLog({
      onCommitted: async () => {
        projected = (await store.state.rooms([roomId]))[0]?.projected
      },
    })
    const { events: given, duplicate } = await log.commit(roomId, send('hello'))
    expect(given).toEqual((await events()).slice(-1))
    expect(given[0]?.seq).toBe(4)
    expect(duplicate).toBe(false)
    await until('onCommitted has looked', () => projected !== undefined)
    expect(projected).toBe(4)
  })

  it('appends nothing for a command that has nothing to do', async () => {
    expect(await log.commit(roomId, { decide: () => [] })).toEqual({ events: [], duplicate: false })
    expect(appends).toEqual([])
    expect(committed).toEqual([])
  })

  it('commits what comes while an append is in flight together, in the order it came', async () => {
    const { reached, letGo } = holdAppend()
    const first = log.commit(roomId, send('first'))
    await reached
    const others = numbers(100).map((text) => log.commit(roomId, send(text)))
    letGo()
    const results = await Promise.all([first, ...others])
    expect(appends.map((drafts) => drafts.length)).toEqual([1, 100])
    expect(results.map(({ events: [event] }) => event?.seq)).toEqual(
      Array.from({ length: 101 }, (_, index) => index + 4),
    )
    expect(await texts()).toEqual(['first', ...numbers(100)])
    expect(committed).toEqual((await events()).slice(3))
  })

  it('puts at most so many commands into one append', async () => {
    log = createLog({ limits: { maxBatch: 10 } })
    await Promise.all(numbers(31).map((text) => log.commit(roomId, send(text))))
    expect(Math.max(...appends.map((drafts) => drafts.length))).toBe(10)
    expect(await texts()).toEqual(numbers(31))
  })

  it('keeps the order around a command that goes alone', async () => {
    const { reached, letGo } = holdAppend()
    const first = log.commit(roomId, send('a'))
    await reached
    const rest = [send('b'), send('c', 'bob'), removal('bob'), send('d', 'bob'), send('e'), send('f')].map((command) =>
      log.commit(roomId, command),
    )
    letGo()
    const results = await Promise.allSettled([first, ...rest])
    expect(results.map(({ status }) => status)).toEqual([
      ...Array(4).fill('fulfilled'),
      'rejected',
      'fulfilled',
      'fulfilled',
    ])
    expect(appends.map((drafts) => drafts.length)).toEqual([1, 2, 1, 2])
    expect(
      (await events()).slice(3).map(({ change }) => (change.type === 'MessageSent' ? change.text : change.type)),
    ).toEqual(['a', 'b', 'c', 'MemberLeft', 'e', 'f'])
  })

  it('does not let one room wait for another', async () => {
    const other = await makeRoom(store)
    await happen(store, other, joined('ann'))
    const { reached, letGo } = holdAppend()
    const slow = log.commit(roomId, send('slow'))
    await reached
    expect((await log.commit(other, send('quick'))).duplicate).toBe(false)
    letGo()
    await slow
  })

  describe('a key', () => {
    it('that comes 50 times at once makes one event and 49 duplicates', async () => {
      const results = await Promise.all(Array.from({ length: 50 }, () => log.commit(roomId, send('once'))))
      expect(results.filter(({ duplicate }) => !duplicate)).toHaveLength(1)
      expect(new Set(results.map(({ events: [event] }) => event?.seq))).toEqual(new Set([4]))
      expect(results.every(({ events: given }) => given.length === 1)).toBe(true)
      expect(await texts()).toEqual(['once'])
      expect(committed).toHaveLength(1)
    })

    it('that comes to two processes at once makes one event', async () => {
      const other = await storage.open()
      const otherLog = createRoomLog({
        ...{ store: other, logger, limits: chatDefaults.commits },
        onCommitted: (made) => void committed.push(...made),
      })
      const results = await Promise.all(
        Array.from({ length: 40 }, (_, index) => (index % 2 ? log : otherLog).commit(roomId, send(`${index >> 2}`))),
      )
      expect(results.filter(({ duplicate }) => !duplicate)).toHaveLength(10)
      expect((await texts()).toSorted()).toEqual(numbers(10))
      expect(committed.map(({ seq }) => seq).toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: 10 }, (_, index) => index + 4),
      )
      await otherLog.close()
      await other.close()
    })

    it('that comes again gives the first result, whatever the text', async () => {
      const first = await log.commit(roomId, send('first', 'ann', 'ann:k'))
      await log.commit(roomId, send('between'))
      expect(await log.commit(roomId, send('second', 'ann', 'ann:k'))).toEqual({
        events: first.events,
        duplicate: true,
      })
      expect(await texts()).toEqual(['first', 'between'])
    })

    it('that comes again after its sender was removed still gives the first result; a new one is refused', async () => {
      const first = await log.commit(roomId, send('mine', 'bob'))
      await log.commit(roomId, removal('bob'))
      expect(await log.commit(roomId, send('mine', 'bob'))).toEqual({ events: first.events, duplicate: true })
      expect(await codeOf(log.commit(roomId, send('new', 'bob')))).toBe('FORBIDDEN')
    })

    it('that comes again gives the first result after a restart', async () => {
      const first = await log.commit(roomId, send('mine'))
      await log.close()
      await store.close()
      store = await storage.open()
      append = store.log.append
      project = store.state.project
      log = createLog()
      expect(await log.commit(roomId, send('mine'))).toEqual({ events: first.events, duplicate: true })
    })

    it('that is taken keeps nobody behind it from being committed, in order', async () => {
      await log.commit(roomId, send('3'))
      const results = await Promise.all(numbers(8).map((text) => log.commit(roomId, send(text))))
      expect(results.map(({ duplicate }) => duplicate)).toEqual(numbers(8).map((text) => text === '3'))
      expect(await texts()).toEqual(['3', '0', '1', '2', '4', '5', '6', '7'])
    })

    it('is recognised in a crowd of repeats, as after a reconnect, without the room being too busy', async () => {
      await Promise.all(numbers(180).map((text) => log.commit(roomId, send(text))))
      appends = []
      const mixed = numbers(200)
      const results = await Promise.all(mixed.map((text) => log.commit(roomId, send(text))))
      expect(results.map(({ duplicate }) => duplicate)).toEqual(mixed.map((_, index) => index < 180))
      expect(textsOf(results.flatMap(({ events: given }) => given))).toEqual(mixed)
      expect(await texts()).toEqual(mixed)
      expect(appends.length).toBeLessThan(10)
    })

    it('that several wait on is refused to all when the rules refuse', async () => {
      const results = await Promise.allSettled(Array.from({ length: 5 }, () => log.commit(roomId, send('no', 'eve'))))
      expect(results.map(({ status }) => status)).toEqual(Array(5).fill('rejected'))
      expect(appends).toEqual([])
    })
  })

  describe('when another process writes in between', () => {
    /** Another writer's events go in before each of the next appends. */
    const overtake = (...others: Draft[][]) => {
      append = async (...args) => {
        const next = others.shift()
        if (next) await appendAtHead(store, roomId, ...next)
        return store.log.append(...args)
      }
    }

    it('goes after it', async () => {
      overtake([sent('theirs 1'), sent('theirs 2')], [sent('theirs 3')])
      const results = await Promise.all(['mine 1', 'mine 2'].map((text) => log.commit(roomId, send(text))))
      expect(results.map(({ events: [event] }) => event?.seq)).toEqual([7, 8])
      expect(await texts()).toEqual(['theirs 1', 'theirs 2', 'theirs 3', 'mine 1', 'mine 2'])
      expect(textsOf(committed)).toEqual(['mine 1', 'mine 2'])
    })

    it('checks the rules again: a message never follows the removal that it raced with', async () => {
      overtake([draftOf({ type: 'MemberLeft', userId: 'bob', reason: 'BANNED' })])
      expect(await codeOf(log.commit(roomId, send('too late', 'bob')))).toBe('FORBIDDEN')
      expect(await texts()).toEqual([])
    })

    it('appends at the head that it was decided at: a removal while the rules are checked is not overlooked', async () => {
      let checked = 0
      const late: Command = {
        ...send('too late', 'bob'),
        async decide(at) {
          await onlyMembers(at, 'bob')
          checked += 1
          if (checked === 1)
            await happen(store, roomId, draftOf({ type: 'MemberLeft', userId: 'bob', reason: 'BANNED' }))
          return [sent('too late', 'bob', { key: 'bob:too late' })]
        },
      }
      expect(await codeOf(log.commit(roomId, late))).toBe('FORBIDDEN')
      expect(checked).toBe(1)
      expect(await texts()).toEqual([])
    })

    it('refuses those who may no more, and commits the others of the same batch', async () => {
      const { reached, letGo } = holdAppend()
      const first = log.commit(roomId, send('first'))
      await reached
      const batch = ['ann', 'bob', 'ann', 'bob'].map((userId, index) => log.commit(roomId, send(`${index}`, userId)))
      // The held append goes in; the next one is overtaken.
      let overtaken = false
      append = async (...args) => {
        if (args[2].length > 1 && !overtaken) {
          overtaken = true
          await appendAtHead(store, roomId, draftOf({ type: 'MemberLeft', userId: 'bob', reason: 'REMOVED' }))
        }
        return store.log.append(...args)
      }
      letGo()
      await first
      const results = await Promise.allSettled(batch)
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected'])
      expect(await texts()).toEqual(['first', '0', '2'])
    })

    it('allows what became allowed', async () => {
      overtake([joined('eve')])
      const lateCheck: Command = {
        async decide(at) {
          return (await at.member('eve'))
            ? [draftOf({ type: 'ReadUpTo', userId: 'eve', upTo: 1 })]
            : [sent('without eve')]
        },
      }
      const { events: given } = await log.commit(roomId, lateCheck)
      expect(given.map(({ change }) => change.type)).toEqual(['ReadUpTo'])
    })

    it('decides by the log, not by a state that lags behind: whoever was added may send', async () => {
      await appendAtHead(store, roomId, joined('eve'))
      expect((await log.commit(roomId, send('hello', 'eve'))).duplicate).toBe(false)
    })

    it('decides by the log, not by a state that lags behind: nothing to do is not said too early', async () => {
      await appendAtHead(store, roomId, draftOf({ type: 'MemberLeft', userId: 'bob', reason: 'REMOVED' }))
      const join: Command = { decide: async (at) => ((await at.member('bob')) ? [] : [joined('bob')]) }
      expect((await log.commit(roomId, join)).events).toHaveLength(1)
      expect(await store.state.memberships('bob', [roomId])).toHaveLength(1)
    })

    it.each(['refused', 'nothing to do'])('asks again before it settles a command as %s', async (outcome) => {
      let asked = 0
      const command: Command = {
        async decide() {
          asked += 1
          if (asked > 1) return [sent('allowed', 'ann')]
          await happen(store, roomId, joined('eve'))
          if (outcome === 'refused') throw forbidden('Not yet')
          return []
        },
      }
      expect((await log.commit(roomId, command)).events).toMatchObject([{ change: { text: 'allowed' } }])
      expect(asked).toBe(2)
    })

    it('gives up with UNAVAILABLE after a bounded number of attempts, and works again afterwards', async () => {
      append = async (): Promise<Appended> => ({ count: 0, stopped: 'head-moved' })
      expect(await codeOf(log.commit(roomId, send('never')))).toBe('UNAVAILABLE')
      expect(appends.length).toBeLessThanOrEqual(100)
      append = store.log.append
      expect((await log.commit(roomId, send('never'))).duplicate).toBe(false)
    })
  })

  describe('when the store fails', () => {
    it('refuses all that waited with UNAVAILABLE, and works again afterwards', async () => {
      append = async () => {
        throw new Error('The disk is on fire')
      }
      const results = numbers(20).map((text) => log.commit(roomId, send(text)))
      expect(await Promise.all(results.map(codeOf))).toEqual(Array(20).fill('UNAVAILABLE'))
      expect(committed).toEqual([])
      append = store.log.append
      expect((await log.commit(roomId, send('again'))).events[0]?.seq).toBe(4)
    })

    it('does not tell clients why', async () => {
      append = async () => {
        throw new Error('password=hunter2')
      }
      await expect(log.commit(roomId, send('text'))).rejects.toThrow(/^(?!.*hunter2)/)
    })

    it('takes an append whose answer got lost for what it was: the repeat is a duplicate', async () => {
      append = async (...args) => {
        await store.log.append(...args)
        append = store.log.append
        throw new Error('The connection was reset')
      }
      expect(await codeOf(log.commit(roomId, send('text')))).toBe('UNAVAILABLE')
      const { events: given, duplicate } = await log.commit(roomId, send('text'))
      expect([given[0]?.seq, duplicate]).toEqual([4, true])
      expect(await texts()).toEqual(['text'])
    })

    it('acknowledges a message whose projection failed; whoever comes next finishes it', async () => {
      project = async () => {
        throw new Error('Not now')
      }
      expect((await log.commit(roomId, send('text'))).events[0]?.seq).toBe(4)
      expect(textsOf(committed)).toEqual(['text'])
      expect((await store.state.rooms([roomId]))[0]?.projected).toBe(3)
      project = store.state.project
      expect((await log.commit(roomId, send('next'))).events[0]?.seq).toBe(5)
      expect((await store.state.messages(roomId, { take: 'first', count: 10 })).items.map(({ text }) => text)).toEqual([
        'text',
        'next',
      ])
    })

    it('catchUp finishes a failed projection', async () => {
      project = async () => {
        throw new Error('Not now')
      }
      await Promise.all(numbers(5).map((text) => log.commit(roomId, send(text, 'ann')).catch(() => {})))
      const head = (await store.log.heads([roomId])).get(roomId)?.seq
      expect(await catchUp(store, roomId)).toMatchObject({ projected: head })
      expect(
        (await store.state.messages(roomId, { take: 'last', count: 100 })).items.map(({ seq }) => seq).at(-1),
      ).toBe(head)
    })

    it('gives to each what its own rules threw', async () => {
      const odd: Command = {
        decide() {
          throw new AppError('CONFLICT', 'odd')
        },
      }
      const [good, bad] = [log.commit(roomId, send('good')), log.commit(roomId, odd)]
      expect(await codeOf(bad)).toBe('CONFLICT')
      expect((await good).duplicate).toBe(false)
    })
  })

  it('refuses with UNAVAILABLE when too much waits, and only then', async () => {
    log = createLog({ limits: { maxWaiting: 5 } })
    const { reached, letGo } = holdAppend()
    const first = log.commit(roomId, send('first'))
    await reached
    const waiting = numbers(5).map((text) => log.commit(roomId, send(text)))
    expect(await codeOf(log.commit(roomId, send('too many')))).toBe('UNAVAILABLE')
    const other = await makeRoom(store)
    await happen(store, other, joined('ann'))
    await log.commit(other, send('elsewhere'))
    letGo()
    await Promise.all([first, ...waiting])
    expect(await texts()).toEqual(['first', ...numbers(5)])
    await log.commit(roomId, send('too many'))
  })

  it('leaves room for others where one user has too much waiting, and most of all of what goes alone', async () => {
    log = createLog({ limits: { maxWaiting: 100 } })
    const { reached, letGo } = holdAppend()
    const first = log.commit(roomId, send('first'))
    await reached
    const of = (userId: string, command: Command) => log.commit(roomId, { ...command, userId })
    const idle: Command = { decide: () => [] }
    const waiting: Promise<unknown>[] = []
    const fill = async (count: number, userId: string, command: (text: string) => Command) => {
      waiting.push(...numbers(count).map((text) => of(userId, command(text))))
      expect(await codeOf(of(userId, command('too many')))).toBe('UNAVAILABLE')
    }
    await fill(20, 'eve', () => idle)
    await fill(20, 'mallory', () => idle)
    await fill(50, 'ann', (text) => send(text))
    // Neither takes the places of the others, nor those of its own other kind.
    waiting.push(of('bob', send('mine', 'bob')), of('ann', idle))
    letGo()
    await Promise.all([first, ...waiting])
    expect(await texts()).toEqual(['first', ...numbers(50), 'mine'])
    await of('eve', idle)
  })

  it('shows how many wait, and counts batches and refusals', async () => {
    const metrics = createMetrics('chat')
    log = createLog({ metrics, limits: { maxWaiting: 5 } })
    const { reached, letGo } = holdAppend()
    const first = log.commit(roomId, send('first'))
    await reached
    const waiting = numbers(5).map((text) => log.commit(roomId, send(text)))
    expect(await codeOf(log.commit(roomId, send('too many')))).toBe('UNAVAILABLE')
    const held = { commits_waiting_limit: 5, commits_refused_total: 1 }
    expect(await metricValues(metrics)).toMatchObject({ ...held, commits_waiting: 5, commit_batches_total: 1 })
    letGo()
    await Promise.all([first, ...waiting])
    expect(await metricValues(metrics)).toMatchObject({ ...held, commits_waiting: 0, commit_batches_total: 2 })
  })

  it('close waits for what is in flight and what waits', async () => {
    const { reached, letGo } = holdAppend()
    const sends = ['one', 'two', 'three'].map((text) => log.commit(roomId, send(text)))
    await reached
    let closed = false
    const closing = log.close().then(() => {
      closed = true
    })
    await store.log.heads([roomId])
    expect(closed).toBe(false)
    letGo()
    await closing
    expect(await texts()).toEqual(['one', 'two', 'three'])
    await Promise.all(sends)
    await log.close()
  })
})

describe('catchUp', () => {
  it('gives the room at the head of its log, over many pages; nothing for a room without events', async () => {
    const storage = await temporaryStorage()
    const store = await storage.open()
    const roomId = await makeRoom(store)
    for (let page = 0; page < 3; page += 1)
      await appendAtHead(store, roomId, ...Array.from({ length: 400 }, () => sent('text')))
    expect(await catchUp(store, 'none')).toBeUndefined()
    const both = await Promise.all([catchUp(store, roomId), catchUp(store, roomId)])
    expect(both.map((room) => room?.projected)).toEqual([1_201, 1_201])
    await store.close()
    await storage.remove()
  })
})
