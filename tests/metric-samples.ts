/** The samples of one metric in the Prometheus text, by the value of their label; by '' where they have none. */
export function samplesOf(text: string, name: string): Record<string, number> {
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`))
  return Object.fromEntries(
    lines.map((line) => {
      const labels = line.slice(line.indexOf('{') + 1, line.lastIndexOf('}'))
      const own = labels.split(',').filter((label) => label !== '' && !label.startsWith('service='))
      return [own.map((label) => label.split('"')[1]).join(), Number(line.slice(line.lastIndexOf('}') + 1))]
    }),
  )
}
