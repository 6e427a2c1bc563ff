import { setTimeout as pause } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Person } from '../../tests/clients.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const held = () => {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** Asks once. Memory is what was held at most, beside what was held before, garbage included. */
export async function measureOne(url: string, ann: Person, query: string) {
  collect()
  await pause(50)
  const before = held()
  let most = before
  const sampler = setInterval(() => {
    most = Math.max(most, held())
  }, 1)
  const start = process.cpuUsage()
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...ann.headers },
    body: JSON.stringify({ query }),
  })
  const text = await response.text()
  const { user, system } = process.cpuUsage(start)
  clearInterval(sampler)
  const [error] = (JSON.parse(text) as { errors?: { extensions: { limit?: string; code: string } }[] }).errors ?? []
  const refused = error?.extensions.limit ?? error?.extensions.code
  return { cpu: (user + system) / 1_000, memory: Math.max(most, held()) - before, bytes: text.length, refused }
}
