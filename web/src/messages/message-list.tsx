import { useMemo } from 'react'
import type { Message, RoomState } from '../room/room-state.ts'
import type { Draft } from '../sending/outbox.ts'
import type { Viewer } from '../session/session.ts'
import { FormError } from '../ui/form-error.tsx'
import { Icon } from '../ui/icon.tsx'
import { useSubmit } from '../ui/use-submit.ts'
import { DraftItem } from './draft-item.tsx'
import { startsDay, startsGroup } from './grouping.ts'
import { MessageItem } from './message-item.tsx'
import { dayOf } from './times.ts'
import { useScrollToEnd } from './use-scroll-to-end.ts'

interface MessageListProps {
  room: RoomState
  drafts: readonly Draft[]
  viewer: Viewer
  mayDeleteAll: boolean
  onChanged: (message: Message) => void
  onLoadOlder: () => Promise<void>
  onAtEnd: (isAtEnd: boolean) => void
}

export function MessageList({ room, drafts, viewer, mayDeleteAll, onChanged, onLoadOlder, onAtEnd }: MessageListProps) {
  const messages = useMemo(() => [...room.messages.values()], [room.messages])
  const arrived = useMemo(
    () => new Set(messages.filter((m) => m.senderId === viewer.userId).map((m) => m.clientMessageId)),
    [messages, viewer.userId],
  )
  const waiting = drafts.filter((draft) => !arrived.has(draft.clientMessageId))
  const older = useSubmit(onLoadOlder)
  const scroll = useScrollToEnd({
    first: messages[0]?.id,
    last: messages.at(-1)?.id,
    lastOfOthers: messages.findLast(({ senderId }) => senderId !== viewer.userId)?.id,
    lastOwn: waiting.at(-1)?.clientMessageId,
    onAtEnd,
    onNearStart: () => {
      if (room.hasOlder && !older.error) void older.submit()
    },
  })

  return (
    <div className="messages-frame">
      <div
        ref={scroll.frame}
        className="messages"
        role="log"
        aria-label="Messages"
        aria-live="polite"
        aria-busy={!room.loaded || older.busy}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: without it the keyboard cannot scroll the list.
        tabIndex={0}
        onScroll={scroll.onScroll}
      >
        <div ref={scroll.content} className="messages-content">
          {room.hasOlder && (
            <div className="older">
              <FormError error={older.error} />
              <button type="button" disabled={older.busy} onClick={() => void older.submit()}>
                {older.busy ? 'Loading…' : 'Load older messages'}
              </button>
            </div>
          )}
          {!room.loaded && <p className="quiet centred">Loading messages…</p>}
          {room.loaded && messages.length + waiting.length === 0 && (
            <p className="quiet centred">No messages yet: write the first one.</p>
          )}
          {messages.map((message, index) => (
            <MessageItem
              key={message.id}
              message={message}
              day={startsDay(messages[index - 1], message) ? dayOf(message.createdAt) : undefined}
              startsGroup={startsGroup(messages[index - 1], message)}
              isOwn={message.senderId === viewer.userId}
              mayDelete={mayDeleteAll || message.senderId === viewer.userId}
              onChanged={onChanged}
            />
          ))}
          {waiting.map((draft, index) => (
            <DraftItem
              key={draft.clientMessageId}
              draft={draft}
              viewer={viewer}
              startsGroup={index === 0 && startsGroup(messages.at(-1), { ...draft, senderId: viewer.userId })}
            />
          ))}
        </div>
      </div>
      {!scroll.isAtEnd && (
        <button type="button" className="jump" onClick={scroll.toEnd}>
          <Icon name="down" /> {scroll.hasNew ? 'New messages' : 'Newest messages'}
        </button>
      )}
    </div>
  )
}
