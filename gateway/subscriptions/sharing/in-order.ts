/** Work that may end in any order, and whose results are given in the order in which it was begun. */
export interface InOrder<T> {
  /** Resolves when there is room for more. */
  add(work: Promise<T>): Promise<void>
  /** Resolves when everything has been given. */
  settled(): Promise<void>
}

export interface InOrderOptions<T> {
  /** How much work may be under way at a time. */
  limit: number
  /** Takes what is due: what becomes so in one turn of the event loop comes at once. */
  onReady(results: T[]): void
}

/** Work must not reject. */
export function createInOrder<T>({ limit, onReady }: InOrderOptions<T>): InOrder<T> {
  const queue: { result?: { value: T } }[] = []
  let waiting: { below: number; resolve(): void }[] = []
  let scheduled = false

  const giveReady = () => {
    scheduled = false
    const ready: T[] = []
    for (let first = queue[0]; first?.result; first = queue[0]) {
      queue.shift()
      ready.push(first.result.value)
    }
    if (ready.length > 0) onReady(ready)
    const [woken, others] = [[] as typeof waiting, [] as typeof waiting]
    for (const each of waiting) (queue.length < each.below ? woken : others).push(each)
    waiting = others
    for (const { resolve } of woken) resolve()
  }
  const until = (below: number) =>
    new Promise<void>((resolve) => {
      waiting.push({ below, resolve })
    })
  return {
    async add(work) {
      const entry: (typeof queue)[number] = {}
      queue.push(entry)
      void work.then((value) => {
        entry.result = { value }
        if (scheduled || queue[0] !== entry) return
        scheduled = true
        setImmediate(giveReady)
      })
      if (queue.length >= limit) await until(limit)
    },
    settled: async () => {
      if (queue.length > 0) await until(1)
    },
  }
}
