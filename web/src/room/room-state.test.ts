import { describe, expect, it } from '@jest/globals'
import type { RoomEvent } from '../live/room-events.ts'
import { emptyRoom, firstMessage, type Message, type RoomAction, type RoomState, roomReducer } from './room-state.ts'
import { sampleMessage } from './sample-message.harness.ts'

const event = (given: RoomEvent): RoomAction => ({ type: 'event', event: given })
const sent = (message: Message) => event({ __typename: 'MessageSent', roomId: 'r', cursor: message.cursor, message })
const edited = (message: Message) =>
  event({ __typename: 'MessageEdited', roomId: 'r', cursor: `${message.cursor}-edited`, message })
const deleted = (message: Message) =>
  event({ __typename: 'MessageDeleted', roomId: 'r', cursor: `${message.cursor}-deleted`, message })
const snapshot = (messages: Message[], reset = false, hasPreviousPage = true) =>
  event({ __typename: 'RoomSnapshot', roomId: 'r', cursor: 'c', reset, hasPreviousPage, messages })

const after = (...actions: RoomAction[]) => actions.reduce(roomReducer, emptyRoom)
const texts = (room: RoomState) => [...room.messages.values()].map((message) => message.text)
const messages = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => sampleMessage(from + index))

describe('room state', () => {
  it('starts with the messages of the snapshot', () => {
    const room = after(snapshot(messages(1, 3)))
    expect(texts(room)).toEqual(['text 1', 'text 2', 'text 3'])
    expect(room).toMatchObject({ loaded: true, hasOlder: true })
  })

  it('has older messages where the snapshot says so, however many are in it', () => {
    expect(after(snapshot(messages(1, 1))).hasOlder).toBe(true)
    expect(after(snapshot(messages(1, 100), false, false)).hasOlder).toBe(false)
    expect(after(snapshot(messages(1, 100)), snapshot(messages(1, 1), true, false)).hasOlder).toBe(false)
  })

  it('shows a message once however often it comes', () => {
    const room = after(snapshot(messages(1, 2)), sent(sampleMessage(3)), sent(sampleMessage(3)), sent(sampleMessage(2)))
    expect(texts(room)).toEqual(['text 1', 'text 2', 'text 3'])
  })

  it('orders by seq whatever comes first', () => {
    const own: RoomAction = { type: 'changed', message: sampleMessage(9) }
    expect(texts(after(snapshot([]), own, sent(sampleMessage(7)), sent(sampleMessage(8))))).toEqual([
      'text 7',
      'text 8',
      'text 9',
    ])
  })

  it('keeps the newest version when a resumed subscription repeats the past', () => {
    const first = sampleMessage(1, { text: 'first', editedAt: '2026-01-31T10:00:00.000Z' })
    const second = sampleMessage(1, { text: 'second', editedAt: '2026-01-31T11:00:00.000Z' })
    const room = after(
      snapshot([sampleMessage(1)]),
      edited(first),
      edited(second),
      sent(sampleMessage(1)),
      edited(first),
    )
    expect(texts(room)).toEqual(['second'])
  })

  it('never brings a deleted message back', () => {
    const tombstone = sampleMessage(1, { text: '', deletedAt: '2026-01-31T10:00:00.000Z' })
    const late = sampleMessage(1, { text: 'late', editedAt: '2026-01-31T11:00:00.000Z' })
    expect(texts(after(snapshot([sampleMessage(1)]), deleted(tombstone), edited(late)))).toEqual([''])
  })

  it('leaves out a change of a message that it does not show', () => {
    expect(texts(after(snapshot(messages(5, 6)), edited(sampleMessage(2))))).toEqual(['text 5', 'text 6'])
  })

  it('keeps a message without a sender, and the sender it knew before', () => {
    const nobody = sampleMessage(2, { sender: null })
    const room = after(
      snapshot([sampleMessage(1)]),
      sent(nobody),
      edited(sampleMessage(1, { sender: null, text: 'new' })),
    )
    expect([...room.messages.values()].map(({ sender, text }) => [sender?.displayName, text])).toEqual([
      ['Ann', 'new'],
      [undefined, 'text 2'],
    ])
  })

  it('forgets everything at a snapshot that resets', () => {
    expect(texts(after(snapshot(messages(1, 3)), snapshot(messages(8, 9), true)))).toEqual(['text 8', 'text 9'])
  })

  it('keeps what it has at a snapshot that does not reset', () => {
    const room = after(snapshot(messages(1, 3)), snapshot(messages(2, 4)))
    expect(texts(room)).toEqual(['text 1', 'text 2', 'text 3', 'text 4'])
  })

  it('puts an older page in front', () => {
    const older: RoomAction = { type: 'older', before: 'c51', messages: messages(1, 50), hasOlder: false }
    const room = after(snapshot(messages(51, 150)), older)
    expect(room.messages.size).toBe(150)
    expect(firstMessage(room)?.seq).toBe(1)
    expect(room.hasOlder).toBe(false)
  })

  it('drops an older page that no longer adjoins', () => {
    const older: RoomAction = { type: 'older', before: 'c51', messages: messages(1, 50), hasOlder: false }
    const room = after(snapshot(messages(51, 150)), snapshot(messages(301, 400), true), older)
    expect(firstMessage(room)?.seq).toBe(301)
    expect(room.hasOlder).toBe(true)
  })
})
