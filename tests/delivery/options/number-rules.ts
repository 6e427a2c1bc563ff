/** Which numbers an option takes. */
export interface NumberRule {
  /** Goes on after "must be". */
  says: string
  allows(number: number): boolean
}

const whole = (from: number, to: number): NumberRule => ({
  says: `a whole number from ${from} to ${to}`,
  allows: (number) => Number.isInteger(number) && number >= from && number <= to,
})
const aboveZero: NumberRule = { says: 'a number above 0', allows: (number) => number > 0 }
const notNegative: NumberRule = { says: 'a number, 0 or above', allows: (number) => number >= 0 }

/** More than a machine can be asked for; senders and rooms are kept in two bytes. */
const many = 1_000

/** The options that are numbers. */
export const numberRules = {
  minutes: aboveZero,
  seed: whole(0, 2 ** 32),
  rate: aboveZero,
  lanes: whole(1, many),
  batch: whole(1, 30),
  rooms: whole(1, many),
  writers: whole(1, many),
  readers: whole(1, many),
  rest: notNegative,
  patience: aboveZero,
} satisfies Record<string, NumberRule>

export type NumberOption = keyof typeof numberRules
export const numberOptions = Object.keys(numberRules) as NumberOption[]

/** The number that the text is. Throws an error that names the option and its rule for any other text. */
export function readNumber(name: NumberOption, text: string): number {
  const { says, allows } = numberRules[name]
  const number = text.trim() === '' ? Number.NaN : Number(text)
  if (!Number.isFinite(number) || !allows(number)) throw new Error(`--${name} must be ${says}, not "${text}"`)
  return number
}
