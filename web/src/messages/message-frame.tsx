import type { ReactNode } from 'react'
import { Avatar } from '../ui/avatar.tsx'
import { fullTimeOf, timeOf } from './times.ts'

interface MessageFrameProps {
  senderId: string
  name: string
  avatarUrl: string | null | undefined
  at: string
  startsGroup: boolean
  isWaiting?: boolean
  children: ReactNode
}

/** One message's place in the list; the first of a group shows whose it is. */
export function MessageFrame({ senderId, name, avatarUrl, at, startsGroup, isWaiting, children }: MessageFrameProps) {
  const time = (
    <time className="message-time" dateTime={at} title={fullTimeOf(at)}>
      {timeOf(at)}
    </time>
  )
  const classes = ['message', startsGroup && 'first', isWaiting && 'waiting'].filter(Boolean)
  return (
    <article className={classes.join(' ')} aria-label={`${name}, ${timeOf(at)}`}>
      <div className="message-side">{startsGroup ? <Avatar id={senderId} name={name} url={avatarUrl} /> : time}</div>
      <div className="message-body">
        {startsGroup && (
          <p className="message-head">
            <strong>{name}</strong> {time}
          </p>
        )}
        {children}
      </div>
    </article>
  )
}
