import { freePort } from '../stack/programs.ts'
import { type ManagedProcess, startManaged } from './managed-process.ts'

const mains = {
  auth: 'subgraphs/auth/main.ts',
  profile: 'subgraphs/profile/main.ts',
  chat: 'subgraphs/chat/main.ts',
  'fan-out': 'subgraphs/chat/fan-out/main.ts',
  gateway: 'gateway/main.ts',
}

export type ProcessName = keyof typeof mains
export const processNames = Object.keys(mains) as ProcessName[]

/** How many of each run, unless told otherwise: two of whatever clients and events go through. */
export const replicas: Record<ProcessName, number> = { auth: 1, profile: 1, chat: 2, 'fan-out': 2, gateway: 2 }

/** Parley as processes of its own. */
export interface SystemProcesses {
  processes: Record<ProcessName, ManagedProcess[]>
  /** Ends all of them, gateways first. Stopping twice is harmless. */
  stop(): Promise<void>
}

export interface SystemProcessesOptions {
  /** Where the servers are, by variable. */
  servers: Record<string, string>
  secrets: { AUTH_SECRET: string; PASSPORT_KEYS: string }
  counts?: Partial<Record<ProcessName, number>>
  /** More for `all`, for one kind of them (`chat`), or for one alone (`chat-2`, where there are several). */
  environment?: Record<string, Record<string, string>>
  /** The ports of some processes, in order; any free ones otherwise. */
  ports?: Partial<Record<ProcessName, number[]>>
  onLine?(process: string, line: string): void
  onUnexpectedEnd?(process: string, code: number | null): void
}

/** Starts every process, all at once: each waits for what it needs. */
export async function startSystemProcesses(options: SystemProcessesOptions): Promise<SystemProcesses> {
  const { servers, secrets, environment = {}, onLine, onUnexpectedEnd } = options
  const counts = { ...replicas, ...options.counts }
  const ports = Object.fromEntries(
    await Promise.all(
      processNames.map(async (name) => {
        const free = await Promise.all(Array.from({ length: counts[name] }, freePort))
        return [name, free.map((port, index) => options.ports?.[name]?.[index] ?? port)] as const
      }),
    ),
  ) as Record<ProcessName, number[]>
  const urls = (name: ProcessName) => ports[name].map((port) => `http://127.0.0.1:${port}`)
  const subgraphs = (['auth', 'profile', 'chat'] as const).flatMap((name) => urls(name).map((url) => `${name}=${url}`))
  const processes: Record<ProcessName, ManagedProcess[]> = {
    auth: [],
    profile: [],
    chat: [],
    'fan-out': [],
    gateway: [],
  }

  const stop = async () => {
    for (const name of processNames.toReversed()) await Promise.all(processes[name].map((each) => each.end('SIGTERM')))
  }
  const start = async (name: ProcessName, port: number, index: number) => {
    const title = counts[name] > 1 ? `${name}-${index + 1}` : name
    processes[name][index] = await startManaged({
      name: title,
      main: mains[name],
      port,
      environment: {
        ...servers,
        PASSPORT_KEYS: secrets.PASSPORT_KEYS,
        ...(name === 'auth' && { AUTH_SECRET: secrets.AUTH_SECRET }),
        MIGRATE_AT_START: 'true',
        AUTH_URLS: urls('auth').join(','),
        SUBGRAPHS: subgraphs.join(','),
        LOG_LEVEL: 'warn',
        ...environment.all,
        ...environment[name],
        ...(title !== name && environment[title]),
      },
      onLine: (line) => onLine?.(title, line),
      onUnexpectedEnd: (code) => onUnexpectedEnd?.(title, code),
    })
  }
  const outcomes = await Promise.allSettled(
    processNames.flatMap((name) => ports[name].map((port, index) => start(name, port, index))),
  )
  const failed = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failed) {
    for (const name of processNames) processes[name] = processes[name].filter(Boolean)
    await stop()
    throw failed.reason
  }
  return { processes, stop }
}
