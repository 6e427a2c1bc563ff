import type { Engine } from '../target/part-names.ts'
import type { Fault } from '../verdict/faults.ts'

/** A fault to put into the code, by which the checker is checked. */
export interface CodeFault {
  name: string
  /** What the code does then. */
  what: string
  file: string
  /** The text that is there once, and the one that takes its place. */
  find: string
  replace: string
  /** How the checker is run on it. */
  run: { engine: Engine; seconds: number; kills: string[] }
  /** What the checker must find, at least. */
  seenAs: Fault
}

/** Enough traffic to meet the fault; nothing has to die for it. */
const quiet: CodeFault['run'] = { engine: 'embedded', seconds: 20, kills: [] }

export const codeFaults: CodeFault[] = [
  {
    name: 'a skipped repair',
    what: 'a feed that has missed events does not read them from the log',
    file: 'subgraphs/chat/feeds/room-feed.ts',
    find: 'if (closed || over || repairing) return\n',
    replace: 'if (ring.head().seq >= 0) return\n',
    run: { engine: 'servers', seconds: 50, kills: ['redis'] },
    seenAs: 'lost',
  },
  {
    name: 'a publish before the commit',
    what: 'events are published 20 ms before they are appended',
    file: 'subgraphs/chat/log/commit-batch.ts',
    find: '  const { count, stopped } = await store.log.append(',
    replace: `  onCommitted(eventsOf(roomId, at.head, drafts))
  await pause(20)
  const { count, stopped } = await store.log.append(`,
    run: { engine: 'servers', seconds: 30, kills: ['chat'] },
    seenAs: 'wrong',
  },
  {
    name: 'a join one event late',
    what: 'what is live begins one event after the snapshot or the replay ended',
    file: 'subgraphs/chat/domain/room-events.ts',
    find: '(feed, head, signal)) {\n      yield step(event)',
    replace: '(feed, head, signal)) {\n      if (event.seq > head.seq + 1) yield step(event)',
    run: quiet,
    seenAs: 'holes',
  },
  {
    // One event early does no harm: gateways know it by its cursor, which is the client's last one.
    name: 'a join two events early',
    what: 'what is live begins with the last two events of the snapshot or the replay',
    file: 'subgraphs/chat/domain/room-events.ts',
    find: '    for await (const event of endless(feed, head, signal)) {\n      yield step(event)',
    replace: `    for (const event of await chat.store.log.read(roomId, Math.max(0, head.seq - 2), 2)) yield step(event)
    for await (const event of endless(feed, head, signal)) {
      yield step(event)`,
    run: quiet,
    seenAs: 'twice',
  },
  {
    name: 'a snapshot that leaves one out',
    what: 'the snapshot that a newcomer gets lacks a message in the middle',
    file: 'subgraphs/chat/feeds/arrivals.ts',
    find: 'messages: messages.slice(first),',
    replace: 'messages: messages.slice(first).filter((_, at, { length }) => length < 3 || at !== length >> 1),',
    run: quiet,
    seenAs: 'lost',
  },
  {
    name: 'a snapshot that mixes texts up',
    what: 'the messages of a snapshot have the texts of others',
    file: 'subgraphs/chat/feeds/arrivals.ts',
    find: 'messages: messages.slice(first),',
    replace: `messages: messages.slice(first).map((message, at, all) => ({
      ...message,
      text: all.at(-1 - at)?.text ?? null,
    })),`,
    run: quiet,
    seenAs: 'wrong',
  },
  {
    name: 'a hand-off one event late',
    what: 'a client that joins a shared stream is given the event after the next one',
    file: 'gateway/subscriptions/sharing/shared-stream.ts',
    find: 'const listener: Listener = { subject, sink, position, cursor,',
    replace: 'const listener: Listener = { subject, sink, position: position + 1, cursor,',
    run: quiet,
    seenAs: 'holes',
  },
  {
    name: 'a hand-off one event early',
    what: 'a client that joins a shared stream is given its last event again, if the ring has it',
    file: 'gateway/subscriptions/sharing/shared-stream.ts',
    find: 'const listener: Listener = { subject, sink, position, cursor,',
    replace: 'const listener: Listener = { subject, sink, position: Math.max(0, position - 1), cursor,',
    run: quiet,
    seenAs: 'twice',
  },
  {
    name: 'a lost upstream that begins anew',
    what: 'a shared stream that lost its upstream opens it after the cursor where it once began',
    file: 'gateway/subscriptions/sharing/shared-upstream.ts',
    find: 'position = place.cursor ?? position',
    replace: 'void place.cursor',
    run: { engine: 'servers', seconds: 30, kills: ['chat'] },
    seenAs: 'twice',
  },
  {
    name: 'a cursor that trusts numbers',
    what: 'positions and events are told apart by their numbers alone',
    file: 'subgraphs/chat/domain/position.ts',
    find: "change.type === 'MessageSent' ? change.messageId : key",
    replace: "change.type === 'MessageSent' || key ? 'any' : ''",
    run: { engine: 'embedded', seconds: 45, kills: ['restore'] },
    seenAs: 'wrong',
  },
  {
    name: 'a mark cleared too soon',
    what: 'an event counts as published before the event log has it',
    file: 'subgraphs/chat/outbox/publisher.ts',
    find: '    await eventLog.append(',
    replace: '    await store.log.markPublished(events)\n    await eventLog.append(',
    run: { engine: 'servers', seconds: 45, kills: ['chat', 'kafka'] },
    seenAs: 'unpublished',
  },
  {
    name: 'a removal that chat ignores',
    what: 'chat neither ends with the removal of its viewer nor tells the gateway of any',
    file: 'subgraphs/chat/domain/room-events.ts',
    find: "delivery.change.type === 'MemberLeft' ? delivery.change.userId : undefined",
    replace: "delivery.change.type === 'MemberLeft' ? undefined : undefined",
    run: quiet,
    seenAs: 'afterRemoval',
  },
  {
    name: 'a removal that the gateway ignores',
    what: 'a shared stream goes on for a listener who was removed',
    file: 'gateway/subscriptions/sharing/shared-stream.ts',
    find: "if (piece.remove.includes(listener.subject)) return listener.end({ kind: 'removed' })",
    replace: '',
    run: quiet,
    seenAs: 'afterRemoval',
  },
  {
    name: 'a removal that ends in an error',
    what: 'a subscription of its own ends with an error when its viewer is removed',
    file: 'gateway/subscriptions/follow.ts',
    find: "if (reached === 'removed') return 'completed'",
    replace: "if (reached === 'removed') throw new Error('You were removed.')",
    run: quiet,
    seenAs: 'notEnded',
  },
  {
    name: 'a removal that ends nothing',
    what: 'a shared stream falls silent for a listener who was removed, and does not complete',
    file: 'gateway/subscriptions/sharing/shared-stream.ts',
    find: "if (piece.remove.includes(listener.subject)) return listener.end({ kind: 'removed' })",
    replace: 'if (piece.remove.includes(listener.subject)) return void listeners.delete(listener)',
    // Who was removed is patient for half a minute.
    run: { ...quiet, seconds: 45 },
    seenAs: 'notEnded',
  },
  {
    name: 'a member who is not let in again',
    what: 'one in four members who come is refused',
    file: 'subgraphs/chat/domain/room-events.ts',
    find: "if (!membership) throw forbidden('Only members of the room may follow it: join it first.')",
    replace: "if (!membership || Math.random() < 0.25) throw forbidden('Only members may follow it.')",
    run: quiet,
    seenAs: 'refused',
  },
  {
    name: 'a removed member who is let in',
    what: 'whoever was removed from a public room may follow it again',
    file: 'subgraphs/chat/domain/room-events.ts',
    find: "if (!membership) throw forbidden('Only members of the room may follow it: join it first.')",
    replace: '',
    run: quiet,
    seenAs: 'letIn',
  },
  {
    name: 'a removed member who still writes',
    what: 'a send does not ask whether its sender is a member at the head that it is appended to',
    file: 'subgraphs/chat/domain/messages.ts',
    find: "      await asMember(at, user)\n      return [draft(at.now(), user.userId, { type: 'MessageSent'",
    replace: "      return [draft(at.now(), user.userId, { type: 'MessageSent'",
    run: quiet,
    seenAs: 'sentAfterRemoval',
  },
  {
    name: 'a sign-out that the gateway ignores',
    what: 'sockets stay open when their session ends',
    file: 'gateway/sockets/session-watch.ts',
    find: "for (const socket of sessions.get(id) ?? []) end(socket, closeCodes.signedOut, 'The session has ended')",
    replace: 'void [id, closeCodes.signedOut]',
    run: { ...quiet, seconds: 40 },
    seenAs: 'afterSignOut',
  },
  {
    name: 'a sign-out that ends the process',
    what: 'an error that nobody catches when a session ends',
    file: 'gateway/sockets/session-watch.ts',
    find: "for (const socket of sessions.get(id) ?? []) end(socket, closeCodes.signedOut, 'The session has ended')",
    replace: "queueMicrotask(() => { throw new Error('The session has ended') })",
    run: quiet,
    seenAs: 'brokenOff',
  },
]
