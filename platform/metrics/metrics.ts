import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** What a process counts, in the Prometheus text format. */
export interface Metrics {
  /** A counter; asked for twice under one name it is the same one. `labels` are the names that `add` gives values for. */
  counter<Label extends string>(name: string, help: string, labels: Label[]): Count<Label>
  /** A number that is read when somebody asks for it. */
  gauge(name: string, help: string, read: () => number): void
  /** A number for each value of a label, read when somebody asks; asked for twice under one name, both are read. */
  gauges(name: string, help: string, label: string, read: () => Iterable<[value: string, number: number]>): void
  /** How values are spread: counted by the smallest of these bounds that they do not pass. */
  histogram(name: string, help: string, bounds: number[]): { observe(value: number): void }
  /** Everything, as `/metrics` answers it. */
  text(): Promise<string>
  contentType: string
}

export interface Count<Label extends string> {
  add(labels: Record<Label, string>, count?: number): void
}

/** Metrics of one service, apart from those of others in this process. `ofProcess` adds memory, CPU and event loop. */
export function createMetrics(service: string, { ofProcess = false } = {}): Metrics {
  const registry = new Registry()
  const labelled = new Map<string, (() => Iterable<[string, number]>)[]>()
  registry.setDefaultLabels({ service })
  if (ofProcess) collectDefaultMetrics({ register: registry })
  return {
    counter(name, help, labelNames) {
      const known = registry.getSingleMetric(name) as Counter | undefined
      const counter = known ?? new Counter({ name, help, labelNames, registers: [registry] })
      return { add: (labels, count = 1) => counter.inc(labels, count) }
    },
    gauge(name, help, read) {
      new Gauge({
        name,
        help,
        registers: [registry],
        collect() {
          this.set(read())
        },
      })
    },
    gauges(name, help, label, read) {
      const readers = labelled.get(name) ?? []
      labelled.set(name, readers)
      readers.push(read)
      if (readers.length > 1) return
      new Gauge({
        name,
        help,
        labelNames: [label],
        registers: [registry],
        collect() {
          this.reset()
          for (const each of readers) for (const [value, number] of each()) this.set({ [label]: value }, number)
        },
      })
    },
    histogram: (name, help, buckets) => new Histogram({ name, help, buckets, registers: [registry] }),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}
