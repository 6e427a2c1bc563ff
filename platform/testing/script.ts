import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { createInterface } from 'node:readline'

/** A process of its own that a test talks with, line by line. */
export interface Script {
  say(line: string): void
  /** What it says next. Throws when it ended before it did. */
  hear(): Promise<string>
  /** Kills it, as `kill -9` does. */
  kill(): Promise<void>
}

/** Starts a TypeScript file as a process; `environment` is added to this one's. What it says as errors is shown. */
export function startScript(file: string, values: string[], environment: Record<string, string> = {}): Script {
  const child = spawn(process.execPath, [file, ...values], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  })
  const exited = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    say: (line) => void child.stdin.write(`${line}\n`),
    async hear() {
      const { value, done } = await lines.next()
      if (done) throw new Error(`${file} ended`)
      return value
    },
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
  }
}
