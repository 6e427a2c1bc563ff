/** What an object of the response takes: in any case, and besides that for each type that it may turn out to be. */
export interface Account {
  work: number
  bytes: number
  byType: Map<string, Account>
}

export const newAccount = (): Account => ({ work: 0, bytes: 0, byType: new Map() })

/** The account of what is taken only if the object is of this type. */
export function accountOfType({ byType }: Account, type: string): Account {
  const known = byType.get(type) ?? newAccount()
  byType.set(type, known)
  return known
}

/** Of several types an object is one: it takes what the dearest of them takes. */
export function totalOf({ work, bytes, byType }: Account): { work: number; bytes: number } {
  const types = [...byType.values()].map(totalOf)
  return {
    work: work + Math.max(0, ...types.map((type) => type.work)),
    bytes: bytes + Math.max(0, ...types.map((type) => type.bytes)),
  }
}
