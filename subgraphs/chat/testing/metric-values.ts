import type { Metrics } from '../../../platform/metrics/metrics.ts'

/** What the metrics page says now, by name without `parley_`. */
export async function metricValues(metrics: Metrics): Promise<Record<string, number>> {
  const lines = (await metrics.text()).matchAll(/^parley_(\w+)\{[^}]*\} (\S+)$/gm)
  return Object.fromEntries([...lines].map(([, name, value]) => [name, Number(value)]))
}
