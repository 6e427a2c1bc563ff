import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** `npm start` as a process of its own. */
export interface SystemProcess {
  url: string
  pid: number
  output(): string
  /** Sends a signal that does not end it. */
  signal(signal: NodeJS.Signals): void
  /** Sends the signal and waits for the end. Gives the exit code; null when a signal ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>
}

const main = fileURLToPath(new URL('../dev/main.ts', import.meta.url))

/** Starts it on this data folder and a free port, and waits until it tells where it is. Throws with its output when it ends first. */
export async function startProcess(
  dataDir: string,
  environment: Record<string, string> = {},
  args: string[] = [],
): Promise<SystemProcess> {
  const child: ChildProcess = spawn(process.execPath, [main, ...args], {
    env: { ...process.env, NODE_OPTIONS: '', NODE_ENV: '', PORT: '0', DATA_DIR: dataDir, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const url = await new Promise<string>((resolve, reject) => {
    const collect = (chunk: Buffer) => {
      output += chunk
      const found = /GraphQL\s+(\S+)\/graphql/.exec(output)?.[1]
      if (found) resolve(found)
    }
    child.stdout?.on('data', collect)
    child.stderr?.on('data', collect)
    child.once('exit', (code) => reject(new Error(`It ended with ${code}:\n${output}`)))
  })
  return {
    url,
    pid: child.pid as number,
    output: () => output,
    signal: (signal) => void child.kill(signal),
    async end(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
      child.kill(signal)
      const [code] = (await once(child, 'exit')) as [number | null]
      return code
    },
  }
}
