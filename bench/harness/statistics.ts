/** The smallest of the values that at least this share of them does not pass (the nearest rank). */
export function percentile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

/** The middle one; of an even number of values, what lies between the two in the middle. */
export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]]
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2
}

/**
 * How a contender stands to its floor: the median of the rounds' ratios, and how far the rounds lie apart. What slows the machine
 * down in a round slows both down, and so leaves the round's ratio as it is.
 */
export function ratioOf(contender: number[], floor: number[]): { median: number; lowest: number; highest: number } {
  if (contender.length !== floor.length) throw new Error('A ratio needs as many rounds of the one as of the other')
  const ratios = contender.map((value, round) => value / (floor[round] ?? Number.NaN))
  return { median: median(ratios), lowest: Math.min(...ratios), highest: Math.max(...ratios) }
}
