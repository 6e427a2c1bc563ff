import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'

interface ScrollOptions {
  /** Ids of the first and the last message. */
  first: string | undefined
  last: string | undefined
  /** The id of the newest message of somebody else. The viewer's own, sent from elsewhere, is no news to them. */
  lastOfOthers: string | undefined
  /** The id of the viewer's newest message on its way: it always comes into view. */
  lastOwn: string | undefined
  onAtEnd: (isAtEnd: boolean) => void
  onNearStart: () => void
}

const endZone = 40
const startZone = 300

/**
 * Keeps a list of messages at its end while the viewer is there, and what they read in place when older messages
 * come in above it.
 */
export function useScrollToEnd({ first, last, lastOfOthers, lastOwn, onAtEnd, onNearStart }: ScrollOptions) {
  const frame = useRef<HTMLDivElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const seen = useRef({ first, last, lastOfOthers, lastOwn, fromEnd: 0 })
  const stays = useRef(true)
  const [isAtEnd, setIsAtEnd] = useState(true)
  const [hasNew, setHasNew] = useState(false)

  const toEnd = useCallback(() => {
    const node = frame.current
    if (!node) return
    stays.current = true
    node.scrollTop = node.scrollHeight
    seen.current.fromEnd = node.scrollHeight - node.scrollTop
  }, [])

  useLayoutEffect(() => {
    const node = frame.current
    const before = seen.current
    if (!node) return
    seen.current = { first, last, lastOfOthers, lastOwn, fromEnd: before.fromEnd }
    const isOlderPage = first !== before.first && last === before.last
    const isOwn = lastOwn !== undefined && lastOwn !== before.lastOwn
    if (isOwn || stays.current) toEnd()
    else if (isOlderPage) node.scrollTop = node.scrollHeight - before.fromEnd
    else if (lastOfOthers !== before.lastOfOthers) setHasNew(true)
    seen.current.fromEnd = node.scrollHeight - node.scrollTop
  })

  useEffect(() => {
    const observer = new ResizeObserver(() => {
      if (stays.current) toEnd()
      else if (frame.current) seen.current.fromEnd = frame.current.scrollHeight - frame.current.scrollTop
    })
    for (const { current } of [frame, content]) if (current) observer.observe(current)
    return () => observer.disconnect()
  }, [toEnd])

  const onScroll = () => {
    const node = frame.current
    if (!node) return
    const fromEnd = node.scrollHeight - node.scrollTop
    seen.current.fromEnd = fromEnd
    const atEnd = fromEnd - node.clientHeight < endZone
    stays.current = atEnd
    if (atEnd) setHasNew(false)
    setIsAtEnd(atEnd)
    onAtEnd(atEnd)
    if (node.scrollTop < startZone && !atEnd) onNearStart()
  }

  return { frame, content, isAtEnd, hasNew, onScroll, toEnd }
}
