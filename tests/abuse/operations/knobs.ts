import type { Chance } from '../../delivery/chance.ts'

/** How an operation uses fragments. All but the first two are refused; what refusing them costs is measured, too. */
export const fragmentUses = ['none', 'shared', 'doubling', 'circle', 'duplicate', 'unused'] as const
export const rootKinds = ['query', 'subscription', 'introspection'] as const
export const transports = ['http', 'socket'] as const

/** What an operation is made of. The same knobs give the same text; every knob can be turned by itself. */
export interface Knobs {
  root: (typeof rootKinds)[number]
  transport: (typeof transports)[number]
  /** How many tokens the text may have, about. */
  tokens: number
  /** Levels of selections. */
  depth: number
  /** How often a field is selected, each under an alias of its own. */
  aliases: number
  /** How many fields of each object are selected. */
  breadth: number
  /** The size of every page that is asked for. */
  page: number
  /** Whether sizes and ids are variables. */
  asVariables: boolean
  fragments: (typeof fragmentUses)[number]
  /** How often a selection is repeated under type conditions. */
  conditions: number
  /** Bytes of comments and of white space. */
  comments: number
  spaces: number
  /** Levels and entries of a variable that nothing uses. */
  variableDepth: number
  variableWidth: number
  /** What is sent as the name of the operation, where the operation is named `A`. */
  operationName: unknown
  /** Decides what is left to chance: which fields are taken. */
  salt: number
}

/** Mostly the first list; now and then the second, which no single operation is allowed. */
const mostly = <T>(chance: Chance, usual: readonly T[], refused: readonly T[]): T =>
  chance.oneOf(chance.below(25) === 0 ? refused : usual)

/** How each knob is set by chance. */
const settings: { [K in keyof Knobs]: (chance: Chance) => Knobs[K] } = {
  root: (chance) => chance.oneOf(['query', 'query', 'query', 'query', 'subscription', 'introspection']),
  transport: (chance) => chance.oneOf(transports),
  tokens: (chance) => mostly(chance, [30, 60, 100, 150, 200, 300, 400, 600], [1_500, 20_000]),
  depth: (chance) => mostly(chance, [1, 2, 3, 4, 5, 6, 7, 8], [9, 12]),
  aliases: (chance) => mostly(chance, [1, 1, 2, 2, 5, 10, 14, 28], [60]),
  breadth: (chance) => chance.oneOf([1, 2, 4, 8, 30]),
  page: (chance) => mostly(chance, [1, 2, 5, 20, 50, 100], [100_000, -1]),
  asVariables: (chance) => chance.below(2) === 0,
  fragments: (chance) => mostly(chance, ['none', 'none', 'shared'], ['doubling', 'circle', 'duplicate', 'unused']),
  conditions: (chance) => chance.oneOf([0, 0, 1, 3, 12]),
  comments: (chance) => mostly(chance, [0, 0, 0, 100, 400], [30_000, 80_000]),
  spaces: (chance) => mostly(chance, [0, 0, 0, 500, 1_500], [30_000]),
  variableDepth: (chance) => mostly(chance, [0, 0, 10, 25], [3_000]),
  variableWidth: (chance) => mostly(chance, [0, 0, 100, 1_000], [5_000]),
  operationName: (chance) =>
    mostly<unknown>(chance, [undefined, 'A'], ['', 'A\nB', 'A\n{ __typename }', 7, { toString: 1 }, []]),
  salt: (chance) => chance.below(2 ** 32),
}

const knobNames = Object.keys(settings) as (keyof Knobs)[]

const set = <K extends keyof Knobs>(knobs: Knobs, name: K, chance: Chance) => {
  knobs[name] = settings[name](chance)
}

/** Knobs that are all set by chance. */
export function randomKnobs(chance: Chance): Knobs {
  const knobs = {} as Knobs
  for (const name of knobNames) set(knobs, name, chance)
  return knobs
}

/** The same knobs with one to three of them set anew. */
export function turnedKnobs(from: Knobs, chance: Chance): Knobs {
  const knobs = { ...from }
  const count = 1 + chance.below(3)
  for (let turned = 0; turned < count; turned += 1) set(knobs, chance.oneOf(knobNames), chance)
  return knobs
}
