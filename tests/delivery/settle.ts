import { attentive } from './readers/crowd.ts'
import type { RoomReader } from './readers/room-reader.ts'
import type { Scene } from './scene.ts'
import { admitAll } from './traffic/members.ts'
import { sendTo } from './traffic/writers.ts'
import { after, until } from './until.ts'
import { createNumbers } from './verdict/numbers.ts'

const sendOneEach = ({ writing }: Scene) =>
  Promise.all(writing.rooms.map((_, room) => sendTo(writing, { room, writer: 0, count: 1 })))

/**
 * Waits until everybody follows, and sends each room the message by which its readers know at which place they are. Gives whether they
 * do: when they never could, there is nothing to wait for, but something to tell.
 */
export async function begin(scene: Scene): Promise<boolean> {
  const isReady = () => attentive(scene.crowd).every(({ record }) => record.isLive())
  if (!(await until(isReady, scene.writing.deadline))) return false
  await sendOneEach(scene)
  return true
}

/** Sends each room a last message, and waits until everybody has it. Gives whether they do: what is missing then is lost. */
export async function settle(scene: Scene): Promise<boolean> {
  const { crowd, sends, guesting, writing, leavers } = scene
  // A restore may have undone their last sign-in.
  await Promise.all(leavers.map((leaver) => leaver.renew()))
  await sendOneEach(scene)
  const isThere = ({ record }: RoomReader) => record.isLive() && record.reached() >= sends.lastOf(record.room)
  const isDone = () => attentive(crowd).every(isThere)
  while (!isDone() && performance.now() < writing.deadline()) {
    await admitAll(guesting)
    await until(isDone, after(1_000))
  }
  return isDone()
}

/** How long the topic may be silent before what is missing in it counts as missing, in milliseconds. */
const topicSilence = 30_000

/**
 * Whether every event of the rooms' logs has reached the topic that other services read. Gives whether that could be told: what had
 * not been read yet when the run was given up counts as nothing.
 */
export async function checkTopic({ target, records, tally, isGivenUp }: Scene): Promise<boolean> {
  if (!target.readTopic) return true
  if (isGivenUp()) return false
  const rooms = new Map(records.map((record) => [record.roomId, { record, seen: createNumbers(1), count: 0 }]))
  let lastAt = performance.now()
  const close = await target.readTopic((roomId, seq) => {
    const room = rooms.get(roomId)
    if (!room || seq > room.record.head() || room.seen.get(seq)) return
    room.seen.set(seq, 1)
    room.count += 1
    lastAt = performance.now()
  })
  const isWhole = () => [...rooms.values()].every(({ record, count }) => count === record.head())
  await until(
    () => isWhole() || isGivenUp(),
    () => lastAt + topicSilence,
  )
  await close()
  if (isGivenUp() && !isWhole()) return false
  for (const { record, seen } of rooms.values()) {
    for (let seq = 1; seq <= record.head(); seq += 1)
      if (!seen.get(seq)) tally.blame('unpublished', `event ${seq} of room ${record.room + 1}`)
  }
  return true
}
