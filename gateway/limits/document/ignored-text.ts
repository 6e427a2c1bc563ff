import { OverLimit } from '../over-limit.ts'

/** What of a text is no token: it costs the sender nothing, so it is bounded by itself. */
export interface IgnoredText {
  /** Characters of comments, white space, commas and byte order marks. */
  characters: number
  comments: number
}

const [tab, lineFeed, carriageReturn, space, quote, hash, comma, backslash] = [9, 10, 13, 32, 34, 35, 44, 92]
const byteOrderMark = 0xfeff
const blanks = new Set([tab, lineFeed, carriageReturn, space, comma, byteOrderMark])

/** Reads the text once, by the lexical grammar of GraphQL. A string that does not end is left to the parser, which refuses it. */
export function ignoredTextIn(text: string): IgnoredText {
  const ignored = { characters: 0, comments: 0 }
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at)
    if (blanks.has(code)) {
      ignored.characters += 1
      at += 1
    } else if (code === hash) {
      const end = endOfLine(text, at)
      ignored.characters += end - at
      ignored.comments += 1
      at = end
    } else {
      at = code === quote ? endOfString(text, at) : at + 1
    }
  }
  return ignored
}

/** Refuses a text with more white space and comments than the limit allows. Returns how many comments it has. */
export function checkIgnoredText(text: string, maxIgnoredCharacters: number): number {
  const { characters, comments } = ignoredTextIn(text)
  if (characters > maxIgnoredCharacters) {
    throw new OverLimit(
      'ignored_characters',
      characters,
      maxIgnoredCharacters,
      'characters of white space and comments',
    )
  }
  return comments
}

function endOfLine(text: string, from: number): number {
  let at = from
  while (at < text.length && text.charCodeAt(at) !== lineFeed && text.charCodeAt(at) !== carriageReturn) at += 1
  return at
}

function endOfString(text: string, from: number): number {
  if (text.startsWith('"""', from)) {
    let end = text.indexOf('"""', from + 3)
    while (end > 0 && text.charCodeAt(end - 1) === backslash) end = text.indexOf('"""', end + 3)
    return end < 0 ? text.length : end + 3
  }
  let at = from + 1
  while (at < text.length && text.charCodeAt(at) !== quote) {
    const code = text.charCodeAt(at)
    if (code === lineFeed || code === carriageReturn) return at
    at += code === backslash ? 2 : 1
  }
  return at + 1
}
