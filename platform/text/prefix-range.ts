const highest = 0x10ffff
const lastBeforeSurrogates = 0xd7ff
const firstAfterSurrogates = 0xe000

/**
 * The texts that start with `prefix` are those from `prefix` up to, without it, `end`, in the order of code points (which is that of
 * UTF-8's bytes). `end` is undefined when no text comes after them: the prefix is empty, or nothing but U+10FFFF.
 * The prefix is well-formed Unicode, and so is `end`.
 */
export function endOfPrefix(prefix: string): string | undefined {
  const codePoints = [...prefix].map((character) => character.codePointAt(0) as number)
  while (codePoints.at(-1) === highest) codePoints.pop()
  const last = codePoints.pop()
  if (last === undefined) return undefined
  const next = last === lastBeforeSurrogates ? firstAfterSurrogates : last + 1
  return String.fromCodePoint(...codePoints, next)
}
