import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startNetwork } from '../dev/network.ts'

/**
 * What a clock says about sign-in: whether the time of a refusal tells an account from a name that nobody has, and how long
 * `/health/live` takes while 16 sign in at once. Run it on an idle machine: `node bench/login-timing.ts [tries]`.
 */
const tries = Number(process.argv[2] ?? 200)
const unlimited = { loginsPerAddress: 1e9, registrationsPerAddress: 1e9, failuresPerAccount: 1e9 }
const dataDir = await mkdtemp(join(tmpdir(), 'parley-bench-'))
const system = await startNetwork({
  dataDir,
  logLevel: 'silent',
  gateway: { operationsPerMinute: 1e9 },
  auth: { limits: unlimited },
})

const mutate = (field: string, type: string, input: object) =>
  fetch(`${system.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      query: `mutation ($input: ${type}!) { ${field}(input: $input) { userId } }`,
      variables: { input },
    }),
  }).then((response) => response.text())
const login = (username: string, password: string) => mutate('login', 'LoginInput', { username, password })

/** Milliseconds that the work took. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

const quantile = (sorted: number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
const measured = (times: number[]) => {
  const sorted = times.toSorted((a, b) => a - b)
  return { median: quantile(sorted, 0.5), p95: quantile(sorted, 0.95) }
}
const rounded = (value: number) => Number(value.toFixed(2))

const account = { username: 'measured', password: `right ${randomUUID()}`, displayName: 'Measured' }
await mutate('register', 'RegisterInput', account)

const kinds: Record<string, () => Promise<unknown>> = {
  'wrong password': () => login(account.username, 'a wrong password'),
  'unknown user': () => login(`u${randomUUID().slice(0, 12)}`, 'a wrong password'),
  'empty password': () => login(account.username, ''),
  'impossible password (80 bytes)': () => login(account.username, 'x'.repeat(80)),
  'ill-formed password': () => login(account.username, 'abcdefgh\ud800'),
}
const times = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, [] as number[]]))
for (let round = 0; round < tries; round += 1) {
  // One of each in turn: what slows the machine down slows all of them down.
  for (const [kind, attempt] of Object.entries(kinds)) times[kind]?.push(await timed(attempt))
}
const reference = measured(times['wrong password'] ?? []).median
console.log(`\nA refused sign-in, ${tries} of each kind (ms)`)
console.table(
  Object.fromEntries(
    Object.entries(times).map(([kind, taken]) => {
      const { median, p95 } = measured(taken)
      return [
        kind,
        {
          median: rounded(median),
          p95: rounded(p95),
          apart: rounded(median - reference),
          ratio: rounded(median / reference),
        },
      ]
    }),
  ),
)

const health = () => timed(() => fetch(`${system.subgraphs.auth.url}/health/live`).then((response) => response.text()))
const idle: number[] = []
for (let count = 0; count < 50; count += 1) idle.push(await health())
let going = true
const storm = Promise.all(Array.from({ length: 16 }, () => login(account.username, account.password))).finally(() => {
  going = false
})
const busy: number[] = []
while (going) busy.push(await health())
await storm
console.log("\nAuth's /health/live (ms)")
const row = (taken: number[]) => ({
  answers: taken.length,
  median: rounded(measured(taken).median),
  slowest: rounded(Math.max(...taken)),
})
console.table({ idle: row(idle), 'while 16 sign in at once': row(busy) })

await system.stop()
await rm(dataDir, { recursive: true, force: true })
