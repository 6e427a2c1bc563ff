import { randomUUID } from 'node:crypto'
import { type Network, startNetwork } from '../dev/network.ts'
import { integer } from '../platform/config/variable-kinds.ts'
import type { Resources } from '../platform/lifecycle/resources.ts'
import { runBenchmark } from './harness/benchmark.ts'
import { ownOnceOpen } from './harness/own-once-open.ts'
import { inRounds } from './harness/rounds.ts'
import { median, percentile } from './harness/statistics.ts'
import type { Table } from './harness/table.ts'
import { temporaryFolder } from './processes/parley.ts'

const reference = 'wrong password'
/** Sign-ins at once, and requests to health before them. */
const stormSize = 16
const idleRequests = 50

await runBenchmark({
  name: 'login',
  about: `What a clock says about sign-in: whether the time of a refusal tells an account from a name that nobody has, and how long
\`/health/live\` takes while ${stormSize} sign in at once. Run it on an idle machine.`,
  options: { tries: integer('refused sign-ins of each kind', 200, 1) },
  async measure({ tries }, { resources, say }) {
    say('Starting Parley …')
    const system = await startUnlimited(resources)
    const account = await register(system.url)
    say(`${tries} refused sign-ins of each kind …`)
    const refusals = await measureRefusals(system.url, account, tries)
    say(`${stormSize} sign in at once …`)
    const health = await measureHealth(system, account)
    return { tables: [refusalTable(refusals), healthTable(health)], figures: { refusals, health } }
  },
})

function startUnlimited(resources: Resources): Promise<Network> {
  const limits = {
    loginsPerAddress: 1e9,
    registrationsPerAddress: 1e9,
    failuresPerAccount: 1e9,
    passwordChangesPerAccount: 1e9,
  }
  const start = async () =>
    startNetwork({
      dataDir: await temporaryFolder(resources),
      logLevel: 'silent',
      gateway: { pointsPerMinute: { ofUser: 1e9, ofAddress: 1e9 } },
      auth: { limits },
    })
  return ownOnceOpen(resources, start(), ({ stop }) => stop())
}

interface Account {
  username: string
  password: string
}

async function register(url: string): Promise<Account> {
  const account = { username: 'measured', password: `right ${randomUUID()}` }
  const reply = await mutate(url, 'register', 'RegisterInput', { ...account, displayName: 'Measured' })
  if (!reply.includes('"userId":"')) throw new Error(`Nobody was registered: ${reply}`)
  return account
}

function login(url: string, username: string, password: string): Promise<string> {
  return mutate(url, 'login', 'LoginInput', { username, password })
}

async function mutate(url: string, field: string, type: string, input: object): Promise<string> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      query: `mutation ($input: ${type}!) { ${field}(input: $input) { userId } }`,
      variables: { input },
    }),
  })
  return response.text()
}

async function measureRefusals(url: string, { username }: Account, tries: number) {
  const refused = (name: () => string, password: string) => () => timed(() => login(url, name(), password))
  const known = () => username
  // One of each in turn: what slows the machine down slows all of them down.
  const times = await inRounds(tries, {
    [reference]: refused(known, 'a wrong password'),
    'unknown user': refused(() => `u${randomUUID().slice(0, 12)}`, 'a wrong password'),
    'empty password': refused(known, ''),
    'impossible password (80 bytes)': refused(known, 'x'.repeat(80)),
    'ill-formed password': refused(known, 'abcdefgh\ud800'),
  })
  return Object.entries(times).map(([kind, taken]) => ({
    kind,
    median: median(taken),
    p95: percentile(taken, 0.95),
    apart: median(taken) - median(times[reference]),
    ratio: median(taken) / median(times[reference]),
  }))
}

async function measureHealth({ url, subgraphs }: Network, { username, password }: Account) {
  const health = () => timed(async () => (await fetch(`${subgraphs.auth.url}/health/live`)).text())
  const idle: number[] = []
  for (let count = 0; count < idleRequests; count += 1) idle.push(await health())
  const busy: number[] = []
  let going = true
  const storm = Promise.all(Array.from({ length: stormSize }, () => login(url, username, password))).finally(() => {
    going = false
  })
  const ask = async () => {
    while (going) busy.push(await health())
  }
  await Promise.all([storm, ask()])
  return { idle: summary(idle), busy: summary(busy) }
}

function summary(taken: number[]) {
  return { answers: taken.length, median: median(taken), slowest: Math.max(...taken) }
}

/** Milliseconds that the work took. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

function refusalTable(refusals: Awaited<ReturnType<typeof measureRefusals>>): Table {
  const rows = refusals.map(({ kind, median, p95, apart, ratio }) => ({
    'refused for': kind,
    'median ms': median,
    'p95 ms': p95,
    'apart ms': apart,
    ratio,
  }))
  return { title: `Refused sign-ins, beside those for a ${reference}`, rows }
}

function healthTable({ idle, busy }: Awaited<ReturnType<typeof measureHealth>>): Table {
  const row = (when: string, { answers, median, slowest }: ReturnType<typeof summary>) => ({
    when,
    answers,
    'median ms': median,
    'slowest ms': slowest,
  })
  return { title: "Auth's /health/live", rows: [row('idle', idle), row(`${stormSize} sign in at once`, busy)] }
}
