import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import { Icon } from '../ui/icon.tsx'
import { isSendable, textLimit } from './text-limit.ts'

interface ComposerProps {
  roomName: string
  initialText: string
  onText: (text: string) => void
  onSend: (text: string) => void
}

const countFrom = 3_500
const isPhone = '(max-width: 720px)'

export function Composer({ roomName, initialText, onText, onSend }: ComposerProps) {
  const [text, setText] = useState(initialText)
  const box = useRef<HTMLTextAreaElement>(null)
  const id = useId()

  useEffect(() => {
    // On a phone the focus would bring up the keyboard and hide what one came to read.
    if (!matchMedia(isPhone).matches) box.current?.focus()
  }, [])

  const change = (next: string) => {
    setText(next)
    onText(next)
  }
  const send = () => {
    if (!isSendable(text)) return
    onSend(text)
    change('')
    box.current?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    send()
  }

  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <label htmlFor={id} className="visually-hidden">
        Message
      </label>
      <textarea
        ref={box}
        id={id}
        rows={1}
        placeholder={`Write to ${roomName}`}
        value={text}
        onChange={(event) => change(event.target.value)}
        onKeyDown={onKeyDown}
        aria-describedby={text.length > countFrom ? `${id}-count` : undefined}
      />
      {text.length > countFrom && (
        <span id={`${id}-count`} className={text.length > textLimit ? 'count too-long' : 'count'}>
          {text.length.toLocaleString()} / {textLimit.toLocaleString()}
        </span>
      )}
      <button type="submit" className="primary" disabled={!isSendable(text)}>
        <Icon name="send" /> <span>Send</span>
      </button>
    </form>
  )
}
