/** Measures every contender once a round, one after the other: A B C, A B C, … Gives what each came to, round by round. */
export async function inRounds<Name extends string, Figure>(
  rounds: number,
  contenders: Record<Name, () => Promise<Figure>>,
): Promise<Record<Name, Figure[]>> {
  const entries = Object.entries(contenders) as [Name, () => Promise<Figure>][]
  const figures = Object.fromEntries(entries.map(([name]) => [name, []])) as unknown as Record<Name, Figure[]>
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, measure] of entries) figures[name].push(await measure())
  }
  return figures
}
