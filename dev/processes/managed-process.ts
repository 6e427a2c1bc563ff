import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { within } from '../../platform/lifecycle/within.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** One of Parley's processes: it can be ended, and started again as it was. */
export interface ManagedProcess {
  name: string
  url: string
  /** Undefined while it does not run. */
  pid(): number | undefined
  /** The last of what it said. */
  output(): string
  /** Starts it again, and waits until it is ready, or listens and needs something that is away. */
  start(): Promise<void>
  /** Sends the signal and waits for the end. Gives the exit code; null when a signal ended it, or when it had ended before. */
  end(signal: NodeJS.Signals): Promise<number | null>
  /** Sends a signal that does not end it. */
  signal(signal: NodeJS.Signals): void
}

export interface ManagedProcessOptions {
  name: string
  /** From the repository's root. */
  main: string
  port: number
  environment: Record<string, string>
  /** Each line that it says. */
  onLine?(line: string): void
  /** When it ends without having been told to. */
  onUnexpectedEnd?(code: number | null): void
}

const patience = 60_000
/** How long one that listens may take to be ready, in milliseconds. It is taken as it is then: what it needs may be away. */
const readyWithin = 3_000
const keptLines = 200

/** Starts a process of Parley and waits until it says that it is ready, or that it listens and is not ready soon after. Throws, with what it said, when it ends instead. */
export async function startManaged(options: ManagedProcessOptions): Promise<ManagedProcess> {
  const { name, main, port, environment, onLine = () => {}, onUnexpectedEnd = () => {} } = options
  let child: ChildProcess | undefined
  let told = false
  let lines: string[] = []

  const start = async () => {
    told = false
    lines = []
    const started = spawn(process.execPath, [join(root, main)], {
      cwd: root,
      env: {
        PATH: process.env.PATH,
        NODE_COMPILE_CACHE: join(root, 'data/compiled'),
        PORT: String(port),
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A Ctrl-C in the terminal is for the parent, which ends each in its turn.
      detached: true,
    })
    child = started
    const up = Promise.withResolvers<void>()
    for (const stream of [started.stdout, started.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line)
        if (lines.length > keptLines) lines.shift()
        onLine(line)
        if (/ is ready at http/.test(line)) up.resolve()
        if (/ listens at http/.test(line)) setTimeout(up.resolve, readyWithin).unref()
      })
    }
    started.once('error', up.reject)
    started.once('close', (code) => {
      if (child === started) child = undefined
      up.reject(new Error(`It ended with ${code}`))
      if (!told) onUnexpectedEnd(code)
    })
    try {
      await within(patience, up.promise, `It did not listen within ${patience} ms`)
    } catch (cause) {
      told = true
      started.kill('SIGKILL')
      throw new Error(`${name} did not start:\n${lines.join('\n')}`, { cause })
    }
  }
  await start()
  return {
    name,
    url: `http://127.0.0.1:${port}`,
    pid: () => child?.pid,
    output: () => lines.join('\n'),
    start,
    async end(signal) {
      const running = child
      if (!running) return null
      told = true
      const closed = once(running, 'close')
      running.kill(signal)
      const [code] = (await closed) as [number | null]
      return code
    },
    signal: (signal) => void child?.kill(signal),
  }
}
