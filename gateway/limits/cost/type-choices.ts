/**
 * The object types that type conditions ask for, at this level of the response and at those above. A level without a type holds for
 * whatever type the object there has.
 */
export interface TypeChoices {
  type?: string
  above?: TypeChoices
}

type Levels = TypeChoices | undefined

/** Whether one response can hold what both ask for: no level asks for two different types. */
export const canMeet = (one: Levels, other: Levels): boolean =>
  holdsAtEachLevel(one, other, (type, another) => type === undefined || another === undefined || type === another)

/** Whether every response that holds what `special` asks for holds what `general` asks for, too. */
export const covers = (general: Levels, special: Levels): boolean =>
  holdsAtEachLevel(general, special, (type, another) => type === undefined || type === another)

function holdsAtEachLevel(
  one: Levels,
  other: Levels,
  holds: (type: string | undefined, another: string | undefined) => boolean,
): boolean {
  if (one === other || !one || !other) return true
  return holds(one.type, other.type) && holdsAtEachLevel(one.above, other.above, holds)
}
