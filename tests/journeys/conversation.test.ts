import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { createRoom, joinRoom, type Person, send, signUp } from '../clients.ts'
import { onEachEngine, type System } from '../engines.ts'
import { follow } from '../reader.ts'

onEachEngine('a conversation', (start) => {
  let system: System
  let ann: Person
  let ben: Person
  let roomId: string

  beforeAll(async () => {
    system = await start()
    ann = await signUp(system.url, 'Ann')
    ben = await signUp(system.otherUrl, 'Ben')
  }, 90_000)
  afterAll(() => system?.stop(), 60_000)

  const newRoom = async () => {
    roomId = await createRoom(ann)
    await joinRoom(ben, roomId)
  }
  const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)
  const sendAll = (texts: string[]) => Promise.all(texts.map((text) => send(ann, roomId, text)))
  const ascending = (seqs: number[]) => seqs.every((seq, index) => index === 0 || seq > (seqs[index - 1] ?? 0))

  it('brings 200 messages, some sent at once, to a subscriber once, in order, with their sender', async () => {
    await newRoom()
    const reader = follow(system.otherUrl, ben, roomId)
    await reader.until(({ events }) => events.length === 1)
    expect(reader.events[0]).toMatchObject({ __typename: 'RoomSnapshot', reset: false, messages: [] })

    const acknowledged: number[] = []
    for (const start of [0, 50, 100]) {
      for (const index of range(start, start + 24)) acknowledged.push((await send(ann, roomId, `${index}`)).message.seq)
      const together = await sendAll(range(start + 25, start + 49).map(String))
      acknowledged.push(...together.map(({ message }) => message.seq))
    }
    acknowledged.push(...(await sendAll(range(150, 199).map(String))).map(({ message }) => message.seq))

    await reader.until((seen) => seen.sent().length >= 200)
    const seqs = reader.sent().map(({ seq }) => seq)
    expect(seqs).toEqual(acknowledged.toSorted((a, b) => a - b))
    expect(new Set(reader.sent().map(({ text }) => text)).size).toBe(200)
    expect(reader.sent().every(({ sender }) => sender?.displayName === 'Ann')).toBe(true)
    expect(reader.errors).toEqual([])
    await reader.close()
  })

  it('gives a reader that was cut off everything once, in order, then CaughtUp', async () => {
    await newRoom()
    const before = follow(system.otherUrl, ben, roomId)
    await before.until(({ events }) => events.length === 1)
    const sending = (async () => {
      for (const index of range(0, 99)) await send(ann, roomId, `${index}`)
    })()
    await before.until((seen) => seen.sent().length >= 30)
    before.cut()
    await before.until(({ ended }) => ended !== undefined)
    await sending

    const after = follow(system.otherUrl, ben, roomId, before.cursor())
    await after.until(({ events }) => events.some(({ __typename }) => __typename === 'CaughtUp'))
    await send(ann, roomId, 'live')
    await after.until((seen) => seen.sent().some(({ text }) => text === 'live'))
    const texts = [...before.sent(), ...after.sent()].map(({ text }) => text)
    expect(texts).toEqual([...range(0, 99).map(String), 'live'])
    expect(after.events.filter(({ __typename }) => __typename === 'CaughtUp')).toHaveLength(1)
    expect(after.events.at(-2)?.__typename).toBe('CaughtUp')
    await after.close()
  })

  it('gives a reader without a cursor exactly the last 100, then what is live, while messages keep coming', async () => {
    await newRoom()
    for (const index of range(0, 129)) await send(ann, roomId, `${index}`)
    let going = true
    const sending = (async () => {
      let count = 130
      while (going) await send(ann, roomId, `${count++}`)
      return count
    })()
    const readers = Array.from({ length: 5 }, () => follow(system.otherUrl, ben, roomId))
    await Promise.all(readers.map((reader) => reader.until((seen) => seen.sent().length >= 20)))
    going = false
    const count = await sending
    for (const reader of readers) {
      await reader.until((seen) => seen.sent().at(-1)?.text === String(count - 1))
      const snapshot = reader.events[0]?.messages ?? []
      expect(snapshot).toHaveLength(100)
      const texts = [...snapshot, ...reader.sent()].map(({ text }) => Number(text))
      expect(texts).toEqual(range(count - texts.length, count - 1))
      await reader.close()
    }
  })

  it('makes one message and one event of 50 sends at once with one clientMessageId', async () => {
    await newRoom()
    const reader = follow(system.otherUrl, ben, roomId)
    await reader.until(({ events }) => events.length === 1)
    const clientMessageId = randomUUID()
    const results = await Promise.all(range(1, 50).map(() => send(ann, roomId, 'once', clientMessageId)))
    expect(new Set(results.map(({ message }) => message.id)).size).toBe(1)
    expect(results.filter(({ duplicate }) => duplicate)).toHaveLength(49)
    expect(await send(ann, roomId, 'another text', clientMessageId)).toMatchObject({
      duplicate: true,
      message: { text: 'once' },
    })
    await send(ann, roomId, 'end')
    await reader.until((seen) => seen.sent().some(({ text }) => text === 'end'))
    expect(reader.sent().map(({ text }) => text)).toEqual(['once', 'end'])
    expect(ascending(reader.sent().map(({ seq }) => seq))).toBe(true)
    await reader.close()
  })
})
