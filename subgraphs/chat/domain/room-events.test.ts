import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { v7 as uuidv7 } from 'uuid'
import { mapStream } from '../../../platform/streams/map-stream.ts'
import { roomChannel } from '../outbox/fan-out.ts'
import { appendAtHead, draftOf, joined, sent } from '../testing/drafts.ts'
import { goBack } from '../testing/go-back.sqlite.ts'
import { ann, bob, eve, mel, refusal, refusalCode } from '../testing/people.ts'
import { openTestChat, type TestChatOptions } from '../testing/test-chat.ts'
import { until } from '../testing/until.ts'
import type { Chat } from './chat.ts'
import { toCursor } from './cursor.ts'
import { addMember, changeRole, leaveRoom, removeMember } from './members.ts'
import { deleteMessage, sendMessage } from './messages.ts'
import { type Delivery, followRoom, type Step } from './room-events.ts'
import { createRoom } from './rooms.ts'

describe('followRoom', () => {
  let parts: Awaited<ReturnType<typeof openTestChat>>
  let chat: Chat
  let roomId: string
  let following: AsyncGenerator<unknown, void>[]
  const stopWriters: (() => Promise<void>)[] = []

  /** Ann's room with the member bob: three events. */
  const open = async (options?: TestChatOptions) => {
    parts = await openTestChat(options)
    chat = parts.chat
    following = []
    roomId = await createRoom(chat, ann, { name: 'Room', kind: 'PUBLIC', topic: null })
    await addMember(chat, ann, roomId, 'bob', 'MEMBER')
    await send()
  }
  const close = async () => {
    await Promise.all(stopWriters.splice(0).map((stop) => stop()))
    await Promise.all(following.map((each) => each.return()))
    await until('nobody listens any more', () => listeners() === 0)
    await parts.close()
  }
  beforeEach(() => open())
  afterEach(close)

  let count = 0
  const send = async (times = 1) => {
    for (let done = 0; done < times; done += 1)
      await sendMessage(chat, ann, { roomId, text: `text ${count++}`, clientMessageId: uuidv7() })
  }
  const sendAtOnce = (times: number) => Promise.all(Array.from({ length: times }, () => send()))
  /** A writer that sends until it is stopped, and lets others have their turns. */
  const keepSending = () => {
    let stopped = false
    const writing = (async () => {
      while (!stopped) {
        await send()
        await new Promise(setImmediate)
      }
    })()
    const stop = () => {
      stopped = true
      return writing
    }
    stopWriters.push(stop)
    return stop
  }
  const head = async () => (await chat.store.log.heads([roomId])).get(roomId)?.seq ?? 0
  const listeners = () => parts.broadcast.listeners(roomChannel(roomId))
  const follow = async (after?: string, viewer = bob) => {
    const events = mapStream(await followRoom(chat, viewer, roomId, after), async ({ delivery }) => delivery)
    following.push(events)
    return events
  }
  const followForEveryone = async (after?: string, id = roomId) => {
    const steps = await followRoom(chat, 'everyone', id, after)
    following.push(steps)
    return steps
  }
  const cursor = (seq: number, of = roomId) => toCursor(of, parts.positionAt(of, seq))
  const typeOf = (delivery: Delivery) => ('type' in delivery ? delivery.type : delivery.change.type)
  const next = async <T>(events: AsyncGenerator<T, void>) => {
    const { value, done } = await events.next()
    if (done || !value) throw new Error('It ended')
    return value
  }
  /** Everything up to the event with this number. */
  const take = async (events: AsyncGenerator<Delivery, void>, last: number) => {
    const seen: Delivery[] = []
    while ((seen.at(-1)?.seq ?? 0) < last) seen.push(await next(events))
    return seen
  }
  /** Everything until it ends by itself. */
  const toTheEnd = async (events: AsyncGenerator<Delivery, void>) => {
    const seen: Delivery[] = []
    for await (const event of events) seen.push(event)
    return seen
  }
  const range = (from: number, to: number) =>
    Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index)
  const ofTheLog = (seen: Delivery[]) => seen.filter((delivery) => !('type' in delivery)).map(({ seq }) => seq)
  const snapshotOf = (delivery: Delivery) => {
    if (!('type' in delivery) || delivery.type !== 'RoomSnapshot') throw new Error(`${typeOf(delivery)} is no snapshot`)
    return delivery
  }
  /** What was delivered holds, in order and once each, all events from the cursor on, with CaughtUp at its place. */
  const expectReplay = (seen: Delivery[], from: number, to: number) => {
    expect(ofTheLog(seen)).toEqual(range(from + 1, to))
    const marks = seen.filter((delivery) => typeOf(delivery) === 'CaughtUp')
    expect(marks).toHaveLength(1)
    const at = seen.indexOf(marks[0] as Delivery)
    expect(marks[0]?.seq).toBe(seen[at - 1]?.seq ?? from)
    expect(seen.some((delivery) => typeOf(delivery) === 'RoomSnapshot')).toBe(false)
    return marks[0]?.seq ?? 0
  }

  describe('is for members', () => {
    it('of an open room, and tells others to join', async () => {
      expect(await refusalCode(follow(undefined, eve))).toBe('FORBIDDEN')
      expect(await refusalCode(follow(cursor(1), eve))).toBe('FORBIDDEN')
    })

    it('by the log, not by a state that lags behind', async () => {
      await appendAtHead(
        chat.store,
        roomId,
        joined('eve'),
        draftOf({ type: 'MemberLeft', userId: 'bob', reason: 'BANNED' }),
      )
      expect(snapshotOf(await next(await follow(undefined, eve))).seq).toBe(await head())
      expect(await refusalCode(follow(undefined, bob))).toBe('FORBIDDEN')
    })
  })

  describe('without a cursor', () => {
    it.each([0, 1, 98, 99, 100, 101, 250])('starts with the last 100 messages when %i more were sent', async (more) => {
      await sendAtOnce(more)
      await addMember(chat, ann, roomId, 'mel', 'MEMBER')
      const snapshot = snapshotOf(await next(await follow()))
      const all = (await chat.store.log.read(roomId, 0, 1_000)).filter(({ change }) => change.type === 'MessageSent')
      expect(snapshot.messages.map(({ seq }) => seq)).toEqual(all.slice(-100).map(({ seq }) => seq))
      expect(snapshot).toMatchObject({ roomId, seq: await head(), reset: false })
    })

    it('goes on live, with nothing missing or twice while a writer keeps sending', async () => {
      await sendAtOnce(120)
      const stopWriting = keepSending()
      for (let round = 0; round < 15; round += 1) {
        const events = await follow()
        const snapshot = snapshotOf(await next(events))
        const live = await take(events, snapshot.seq + 20)
        expect(ofTheLog(live)).toEqual(range(snapshot.seq + 1, live.at(-1)?.seq ?? 0))
        expect(live.some((delivery) => 'type' in delivery)).toBe(false)
        expect(snapshot.messages).toHaveLength(100)
        expect(snapshot.messages.at(-1)?.seq).toBe(snapshot.seq)
        await events.return()
      }
      await stopWriting()
    })

    it('takes the snapshot at its position though it is asked for later', async () => {
      const events = await follow()
      const before = await head()
      await send(5)
      const snapshot = snapshotOf(await next(events))
      expect([snapshot.seq, snapshot.messages.at(-1)?.seq]).toEqual([before, before])
      expect(ofTheLog(await take(events, before + 5))).toEqual(range(before + 1, before + 5))
    })

    it('finishes what a crash left unprojected', async () => {
      await appendAtHead(chat.store, roomId, sent('left'), sent('behind'))
      const snapshot = snapshotOf(await next(await follow()))
      expect(snapshot.messages.slice(-2).map(({ text }) => text)).toEqual(['left', 'behind'])
    })
  })

  describe('with a cursor', () => {
    it('says CaughtUp at once when nothing was missed, then goes on live', async () => {
      const at = await head()
      const events = await follow(cursor(at))
      expect(await next(events)).toMatchObject({ type: 'CaughtUp', roomId, seq: at })
      await send()
      expect(await next(events)).toMatchObject({ seq: at + 1 })
    })

    it('gives what was missed, then CaughtUp, then what is live', async () => {
      await send(5)
      const at = await head()
      const events = await follow(cursor(2))
      await send(3)
      const seen = await take(events, at + 3)
      expect(expectReplay(seen, 2, at + 3)).toBe(at)
    })

    it('resumes from every position while a writer keeps sending', async () => {
      await sendAtOnce(40)
      const stopWriting = keepSending()
      const positions = range(0, await head())
      await Promise.all(
        positions.map(async (position) => {
          const events = await follow(cursor(position))
          const seen: Delivery[] = []
          do seen.push(await next(events))
          while (typeOf(seen.at(-1) as Delivery) !== 'CaughtUp')
          seen.push(...(await take(events, (seen.at(-1)?.seq ?? 0) + 30)))
          expectReplay(seen, position, seen.at(-1)?.seq ?? 0)
          await events.return()
        }),
      )
      await stopWriting()
    })

    it('sees everything exactly once when it always resumes with its last cursor', async () => {
      const last = 120
      const writing = sendAtOnce(last)
      let position = 3
      const seen: number[] = []
      for (let round = 0; position < last; round += 1) {
        const events = await follow(cursor(position))
        for (let taken = 0; taken <= round % 7 && position < last; ) {
          const event = await next(events)
          if ('type' in event) expect(event).toMatchObject({ type: 'CaughtUp', seq: position })
          else seen.push(event.seq)
          position = event.seq
          taken += 1
        }
        await events.return()
      }
      await writing
      expect(seen).toEqual(range(4, position))
    })

    it('reads what is longer ago than the feed remembers, page by page', async () => {
      for (let round = 0; round < 2; round += 1) await sendAtOnce(350)
      const at = await head()
      const events = await follow(cursor(0))
      await send()
      expect(expectReplay(await take(events, at + 1), 0, at + 1)).toBe(at)
    })

    it('goes on when the broadcast loses everything', async () => {
      const at = await head()
      const events = await follow(cursor(at))
      await next(events)
      parts.broadcast.loseSilently()
      await send(3)
      expect(ofTheLog(await take(events, at + 3))).toEqual(range(at + 1, at + 3))
    })

    it('resumes ahead of a feed that has lost the last events', async () => {
      const slow = await follow()
      await next(slow)
      parts.broadcast.loseSilently()
      await send(3)
      const at = await head()
      const events = await follow(cursor(at))
      expect(await next(events)).toMatchObject({ type: 'CaughtUp', seq: at })
      await send()
      expect(ofTheLog(await take(events, at + 1))).toEqual([at + 1])
      expect(ofTheLog(await take(slow, at + 1))).toEqual(range(at - 2, at + 1))
    })

    it('gives a fresh snapshot for a cursor that is none of this room’s', async () => {
      const other = await createRoom(chat, bob, { name: 'Other', kind: 'PUBLIC', topic: null })
      const at = await head()
      const odd = [
        cursor(1, other),
        cursor(at + 1),
        cursor(999_999_999_999_999),
        'garbage',
        '',
        '__proto__',
        `${cursor(1)}AAAA`,
      ]
      for (const each of odd) {
        const events = await follow(each)
        expect(snapshotOf(await next(events))).toMatchObject({ seq: at, reset: true })
        await events.return()
      }
      const events = await follow('garbage')
      await next(events)
      await send()
      expect(await next(events)).toMatchObject({ seq: at + 1, change: { type: 'MessageSent' } })
    })

    it('gives a fresh snapshot when it is too far behind, and a replay when it is just not', async () => {
      await close()
      await open({ maxReplay: 10 })
      await send(20)
      const at = await head()
      expect(snapshotOf(await next(await follow(cursor(at - 11))))).toMatchObject({ seq: at, reset: true })
      const events = await follow(cursor(at - 10))
      expect(expectReplay([...(await take(events, at)), await next(events)], at - 10, at)).toBe(at)
    })

    it('replays a deleted message without its text', async () => {
      const { message } = await sendMessage(chat, ann, { roomId, text: 'secret', clientMessageId: 'x' })
      const live = await follow()
      await next(live)
      await deleteMessage(chat, ann, message.id)
      await take(live, await head())
      const events = await follow(cursor(0))
      const seen = await take(events, await head())
      expect(JSON.stringify(seen)).not.toContain('secret')
      expect(seen.map(typeOf)).toContain('MessageDeleted')
    })
  })

  describe('when the viewer’s membership ends', () => {
    it.each([
      ['is removed', () => removeMember(chat, ann, roomId, 'bob', false)],
      ['is banned', () => removeMember(chat, ann, roomId, 'bob', true)],
      ['leaves', () => leaveRoom(chat, bob, roomId)],
    ])('because the viewer %s, ends right after that event', async (_, end) => {
      const at = await head()
      const [fresh, resumed] = [toTheEnd(await follow()), toTheEnd(await follow(cursor(at - 1)))]
      await send(2)
      await end()
      await send(3)
      for (const seen of [await fresh, await resumed]) {
        expect(seen.at(-1)).toMatchObject({ seq: at + 3, change: { type: 'MemberLeft', userId: 'bob' } })
        expect(ofTheLog(seen).slice(-3)).toEqual(range(at + 1, at + 3))
      }
      await until('nobody listens any more', () => listeners() === 0)
    })

    it('ends also when much more follows in one page, and shows nothing of it', async () => {
      const events = await follow()
      const seen = toTheEnd(events)
      parts.broadcast.loseSilently()
      await Promise.all([send(), removeMember(chat, ann, roomId, 'bob', false), sendAtOnce(50)])
      const types = (await seen).map(typeOf)
      expect(types.at(-1)).toBe('MemberLeft')
      expect(types.filter((type) => type === 'MemberLeft')).toHaveLength(1)
    })

    it('ends when it happened after the start but before the first read', async () => {
      const [fresh, resumed] = [await follow(), await follow(cursor(2))]
      await removeMember(chat, ann, roomId, 'bob', false)
      await send()
      for (const events of [fresh, resumed])
        expect(typeOf((await toTheEnd(events)).at(-1) as Delivery)).toBe('MemberLeft')
    })

    it('does not end for a removal in the past of someone who was added again', async () => {
      for (let round = 0; round < 3; round += 1) {
        await removeMember(chat, ann, roomId, 'bob', round % 2 === 0)
        await addMember(chat, ann, roomId, 'bob', 'MEMBER')
      }
      const at = await head()
      const events = await follow(cursor(0))
      await send(2)
      expect(expectReplay(await take(events, at + 2), 0, at + 2)).toBe(at)
      const rest = toTheEnd(events)
      await removeMember(chat, ann, roomId, 'bob', false)
      expect((await rest).map(typeOf)).toEqual(['MemberLeft'])
    })

    it('does not end for what happens to others', async () => {
      await addMember(chat, ann, roomId, 'mel', 'MEMBER')
      const at = await head()
      const [events, hers] = [await follow(), toTheEnd(await follow(undefined, mel))]
      await next(events)
      await changeRole(chat, ann, roomId, 'bob', 'MODERATOR')
      await removeMember(chat, ann, roomId, 'mel', false)
      await send()
      expect((await take(events, at + 3)).map(typeOf)).toEqual(['MemberChanged', 'MemberLeft', 'MessageSent'])
      expect((await hers).map(typeOf)).toEqual(['RoomSnapshot', 'MemberChanged', 'MemberLeft'])
    })
  })

  describe('tells what its steps mean for others', () => {
    const summary = ({ delivery, live, removed }: Step) => [typeOf(delivery), live, ...(removed ? [removed] : [])]
    const summaries = async (steps: AsyncGenerator<Step, void>, count: number) => {
      const seen: unknown[] = []
      while (seen.length < count) seen.push(summary(await next(steps)))
      return seen
    }

    it('to a member: live from where it has caught up, and who is removed from there on', async () => {
      await removeMember(chat, ann, roomId, 'bob', false)
      await addMember(chat, ann, roomId, 'bob', 'MEMBER')
      await addMember(chat, ann, roomId, 'mel', 'MEMBER')
      const resumed = await followRoom(chat, bob, roomId, cursor(3))
      const fresh = await followRoom(chat, bob, roomId, undefined)
      following.push(resumed, fresh)
      expect(await summaries(resumed, 4)).toEqual([
        // Taken back by the next event: who only catches up goes on, and who was told that before stops here.
        ['MemberLeft', false, 'bob'],
        ['MemberJoined', false],
        ['MemberJoined', false],
        ['CaughtUp', true],
      ])
      expect(await summaries(fresh, 1)).toEqual([['RoomSnapshot', true]])
      await removeMember(chat, ann, roomId, 'mel', false)
      await leaveRoom(chat, bob, roomId)
      for (const steps of [resumed, fresh]) {
        expect(await summaries(steps, 2)).toEqual([
          ['MemberLeft', true, 'mel'],
          ['MemberLeft', true, 'bob'],
        ])
        expect(await steps.next()).toEqual({ done: true, value: undefined })
      }
    })

    it('to everyone: who is removed, also in what is replayed', async () => {
      await removeMember(chat, ann, roomId, 'bob', false)
      await addMember(chat, ann, roomId, 'bob', 'MEMBER')
      await send()
      const steps = await followForEveryone(cursor(3))
      const past = [
        ['MemberLeft', false, 'bob'],
        ['MemberJoined', false],
        // The last one there is: nothing more was missed.
        ['MessageSent', true],
      ]
      expect(await summaries(steps, 3)).toEqual(past)
      await removeMember(chat, ann, roomId, 'bob', true)
      await send()
      expect(await summaries(steps, 2)).toEqual([
        ['MemberLeft', true, 'bob'],
        ['MessageSent', true],
      ])
    })
  })

  describe('for everyone', () => {
    const deliveries = async (after: string, id = roomId) =>
      mapStream(await followForEveryone(after, id), async ({ delivery }) => delivery)

    it('gives the events of the log after the cursor, and nothing else', async () => {
      await send(5)
      const at = await head()
      const events = await deliveries(cursor(2))
      await send(3)
      const seen = await take(events, at + 3)
      expect(seen.map(({ seq }) => seq)).toEqual(range(3, at + 3))
      expect(seen.every((delivery) => 'change' in delivery)).toBe(true)
    })

    it('waits for the first event when nothing was missed', async () => {
      const at = await head()
      const events = await deliveries(cursor(at))
      const first = events.next()
      await until('it listens', () => listeners() === 1)
      await send()
      expect((await first).value).toMatchObject({ seq: at + 1, change: { type: 'MessageSent' } })
    })

    it('goes on from every position while a writer keeps sending', async () => {
      await sendAtOnce(40)
      const stopWriting = keepSending()
      const positions = range(0, await head())
      await Promise.all(
        positions.map(async (position) => {
          const events = await deliveries(cursor(position))
          const seen = await take(events, positions.length + 30)
          expect(seen.map(({ seq }) => seq)).toEqual(range(position + 1, seen.at(-1)?.seq ?? 0))
          await events.return()
        }),
      )
      await stopWriting()
    })

    it('follows a private room, whoever its members are, and ends for nobody’s removal', async () => {
      const hidden = await createRoom(chat, ann, { name: 'Hidden', kind: 'PRIVATE', topic: null })
      await addMember(chat, ann, hidden, 'bob', 'MEMBER')
      const events = await deliveries(cursor(0, hidden), hidden)
      await removeMember(chat, ann, hidden, 'bob', true)
      await leaveRoom(chat, ann, hidden)
      await appendAtHead(chat.store, hidden, joined('eve'))
      expect((await take(events, 5)).map(typeOf)).toEqual([
        'RoomUpdated',
        'MemberJoined',
        'MemberLeft',
        'MemberLeft',
        'MemberJoined',
      ])
    })

    it('needs a cursor', async () => {
      expect(await refusal(followForEveryone())).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'after' } })
    })

    it('refuses a cursor that is none of this room’s, or too far behind', async () => {
      await close()
      await open({ maxReplay: 10 })
      await send(20)
      const at = await head()
      const other = await createRoom(chat, bob, { name: 'Other', kind: 'PUBLIC', topic: null })
      const odd = [cursor(1, other), cursor(at + 1), 'garbage', '', `${cursor(at)}AAAA`, cursor(at - 11)]
      for (const each of odd) expect(await refusalCode(followForEveryone(each))).toBe('CONFLICT')
      expect(listeners()).toBe(0)
      expect(ofTheLog(await take(await deliveries(cursor(at - 10)), at))).toEqual(range(at - 9, at))
    })

    it('finds no room where there is none', async () => {
      const unknown = uuidv7()
      expect(await refusalCode(followForEveryone(cursor(0, unknown), unknown))).toBe('NOT_FOUND')
    })

    it('ends at once when it is returned while it waits, and releases the feed', async () => {
      const events = await followForEveryone(cursor(await head()))
      const waiting = events.next()
      await until('it listens', () => listeners() === 1)
      expect(await events.return()).toEqual({ done: true, value: undefined })
      expect(await waiting).toEqual({ done: true, value: undefined })
      await until('nobody listens any more', () => listeners() === 0)
    })
  })

  describe('when the log goes back to an earlier state', () => {
    const texts = (delivery: Delivery) => snapshotOf(delivery).messages.map(({ text }) => text)
    const say = (text: string) => sendMessage(chat, ann, { roomId, text, clientMessageId: uuidv7() })

    it.each([0, 1, 2, 3, 9])('resets whoever follows, and goes on with what is new: %i events', async (more) => {
      const at = await head()
      const events = await follow(cursor(at))
      expect(await next(events)).toMatchObject({ type: 'CaughtUp' })
      await say('lost 1')
      await say('lost 2')
      expect(ofTheLog(await take(events, at + 2))).toEqual([at + 1, at + 2])
      goBack(parts.storage, roomId, at)
      for (let count = 0; count < more; count += 1) await say(`new ${count}`)
      const snapshot = await next(events)
      expect(snapshot).toMatchObject({ type: 'RoomSnapshot', reset: true })
      expect(texts(snapshot).filter((text) => text.startsWith('lost'))).toEqual([])
      await say('the last')
      const seen = await take(events, at + more + 1)
      expect(ofTheLog(seen)).toEqual(range(snapshot.seq + 1, at + more + 1))
      expect(seen.map(typeOf)).not.toContain('RoomSnapshot')
    })

    it.each([0, 1, 2, 3, 9])('resets whoever resumes after what it has lost, after %i new events', async (more) => {
      const at = await head()
      await say('lost 1')
      await say('lost 2')
      const [kept, ...lost] = [cursor(at), cursor(at + 1), cursor(at + 2)]
      goBack(parts.storage, roomId, at)
      for (let count = 0; count < more; count += 1) await say(`new ${count}`)
      for (const each of lost) {
        expect(await next(await follow(each))).toMatchObject({ type: 'RoomSnapshot', reset: true, seq: at + more })
        expect(await refusalCode(followForEveryone(each))).toBe('CONFLICT')
      }
      const resumed = await follow(kept)
      const seen = [await next(resumed)]
      while (seen.at(-1) && typeOf(seen.at(-1) as Delivery) !== 'CaughtUp') seen.push(await next(resumed))
      expect(expectReplay(seen, at, at + more)).toBe(at + more)
    })

    it.each([0, 1, 2, 3])(
      'gives whoever comes before anybody noticed nothing that it has lost, after %i new events',
      async (more) => {
        await close()
        await open({ checkEvery: 200 })
        const at = await head()
        const others = await follow(cursor(at))
        await next(others)
        for (const text of ['lost 1', 'lost 2', 'lost 3']) await say(text)
        await take(others, at + 3)
        const from = cursor(at)
        goBack(parts.storage, roomId, at)
        for (let count = 0; count < more; count += 1) await say(`new ${count}`)
        const newcomers = [await follow(), await follow(from)]
        await say('the last')
        for (const newcomer of newcomers) {
          const seen = await take(newcomer, at + more + 1)
          expect(JSON.stringify(seen)).toContain('the last')
          expect(JSON.stringify(seen)).not.toContain('lost')
        }
        const everyones = await followForEveryone(from)
        expect(
          (
            await take(
              mapStream(everyones, async ({ delivery }) => delivery),
              at + more + 1,
            )
          ).map(({ seq }) => seq),
        ).toEqual(range(at + 1, at + more + 1))
      },
    )

    it('does not take what the broadcast still brings of it for news', async () => {
      const at = await head()
      await say('lost 1')
      await say('lost 2')
      await say('lost 3')
      const lost = await chat.store.log.read(roomId, at, 3)
      goBack(parts.storage, roomId, at)
      await say('new 1')
      const events = await follow(cursor(at))
      expect((await take(events, at + 1)).map(typeOf)).toEqual(['MessageSent'])
      for (const event of lost) await parts.broadcast.publish(roomChannel(roomId), JSON.stringify([event]))
      await say('new 2')
      const seen = [await next(events), await next(events)]
      expect(seen.map(typeOf)).toEqual(['CaughtUp', 'MessageSent'])
      expect(JSON.stringify(seen)).not.toContain('lost')
    })

    it('does not take what the event log still brings of it for news, also right where it went back to', async () => {
      const at = await head()
      await removeMember(chat, ann, roomId, 'bob', false)
      const lost = await chat.store.log.read(roomId, at, 1)
      goBack(parts.storage, roomId, at)
      await addMember(chat, ann, roomId, 'bob', 'MEMBER')
      const from = await head()
      const events = await follow(cursor(from))
      expect(await next(events)).toMatchObject({ type: 'CaughtUp' })
      const named = lost.map((event) => ({ ...event, seq: from + 1, named: true }))
      await parts.broadcast.publish(roomChannel(roomId), JSON.stringify(named))
      await say('new')
      expect(await next(events)).toMatchObject({ seq: from + 1, change: { type: 'MessageSent', text: 'new' } })
    })

    it('ends for a viewer whose membership it has lost, and for whoever follows for everyone', async () => {
      const at = await head()
      await addMember(chat, ann, roomId, 'mel', 'MEMBER')
      const hers = await follow(undefined, mel)
      await next(hers)
      const everyones = await followForEveryone(cursor(at + 1))
      const ended = Promise.all([hers.next(), everyones.next()])
      await until('it listens', () => listeners() === 1)
      goBack(parts.storage, roomId, at)
      expect(await ended).toEqual([
        { done: true, value: undefined },
        { done: true, value: undefined },
      ])
      await until('nobody listens any more', () => listeners() === 0)
    })
  })

  describe('when it is returned', () => {
    it('ends at once while it waits, and releases the feed', async () => {
      const events = await follow()
      await next(events)
      const waiting = events.next()
      expect(listeners()).toBe(1)
      expect(await events.return()).toEqual({ done: true, value: undefined })
      expect(await waiting).toEqual({ done: true, value: undefined })
      expect(await events.next()).toEqual({ done: true, value: undefined })
      await until('nobody listens any more', () => listeners() === 0)
    })

    it('ends before it began, and between two events', async () => {
      const [unused, used] = [await follow(), await follow(cursor(0))]
      await unused.return()
      await next(used)
      await next(used)
      await used.return()
      expect(await used.next()).toEqual({ done: true, value: undefined })
      await until('nobody listens any more', () => listeners() === 0)
    })

    it('ends in every moment of its beginning without keeping the feed', async () => {
      for (let turns = 0; turns < 12; turns += 1) {
        const events = await follow(turns % 2 ? cursor(0) : undefined)
        const first = events.next()
        for (let turn = 0; turn < turns; turn += 1) await Promise.resolve()
        await events.return()
        await first
      }
      await until('nobody listens any more', () => listeners() === 0)
    })

    it('lets the others of the room go on', async () => {
      const [leaving, staying] = [await follow(), await follow()]
      await Promise.all([next(leaving), next(staying)])
      const waiting = staying.next()
      await leaving.return()
      await send()
      expect((await waiting).value).toMatchObject({ seq: await head() })
    })
  })

  it('fails with the store, releases the feed, and can be followed again', async () => {
    await close()
    let away = false
    await open({
      around: (store) => ({
        ...store,
        log: {
          ...store.log,
          async read(...args) {
            if (away) throw new Error('Not now')
            return store.log.read(...args)
          },
        },
      }),
    })
    const events = await follow(cursor(0))
    away = true
    await expect(events.next()).rejects.toThrow('Not now')
    await until('nobody listens any more', () => listeners() === 0)
    await expect(follow()).rejects.toThrow('Not now')
    away = false
    const again = await follow(cursor(0))
    expectReplay([...(await take(again, await head())), await next(again)], 0, await head())
  })
})
