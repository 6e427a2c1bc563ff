import { canMeet, type TypeChoices } from './type-choices.ts'

interface Selected {
  name: string
  types: TypeChoices
}

/**
 * The names under which fields come at one place of the response. Objects of different types come there: an object
 * has the names that are selected for its own type, and those that are selected for any type.
 */
export class FieldNames {
  readonly #selected = new Map<string, Selected[]>()
  readonly #repeats = new Map<string, number>()

  /** Counts a field with selections. Returns how many have come under the name so far. */
  repeat(name: string): number {
    const repeats = (this.#repeats.get(name) ?? 0) + 1
    this.#repeats.set(name, repeats)
    return repeats
  }

  /** Adds a name of the field, which has no arguments. Returns how many names of it one object has then, up to `most + 1`. */
  add(field: string, added: Selected, most: number): number {
    const selected = this.#selected.get(field) ?? []
    this.#selected.set(field, selected)
    const isKnown = selected.some(({ name, types }) => name === added.name && isSame(types, added.types))
    if (!isKnown) selected.push(added)
    return mostNames([added], selected, most + 1)
  }
}

const isSame = (one: TypeChoices | undefined, other: TypeChoices | undefined): boolean =>
  one === other || (one?.type === other?.type && isSame(one?.above, other?.above))

/** The most names that one object has together with these, no more than `enough`. What can meet in pairs can meet all together. */
function mostNames(together: Selected[], selected: Selected[], enough: number): number {
  if (together.length >= enough) return together.length
  let most = together.length
  for (const [index, next] of selected.entries()) {
    if (!together.every((each) => each.name !== next.name && canMeet(each.types, next.types))) continue
    most = Math.max(most, mostNames([...together, next], selected.slice(index + 1), enough))
    if (most >= enough) break
  }
  return most
}
