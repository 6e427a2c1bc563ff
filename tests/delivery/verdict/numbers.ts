/** A list of whole numbers that grows, each at its own size in memory: a million events are judged in some megabytes. */
export interface Numbers {
  /** 0 where nothing was set. */
  get(index: number): number
  set(index: number, value: number): void
}

const kinds = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array }

export function createNumbers(bytes: keyof typeof kinds): Numbers {
  let held = new kinds[bytes](1_024)
  return {
    get: (index) => held[index] ?? 0,
    set(index, value) {
      if (index >= held.length) {
        const larger = new kinds[bytes](Math.max(index + 1, held.length * 2))
        larger.set(held)
        held = larger
      }
      held[index] = value
    },
  }
}

/** A short number for a text: two that differ have the same one once in four billions (FNV-1a). Never 0. */
export function printOf(text: string): number {
  let print = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) {
    print = Math.imul(print ^ text.charCodeAt(index), 0x01000193)
  }
  return print >>> 0 || 1
}
