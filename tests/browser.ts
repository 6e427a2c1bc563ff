import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, it } from '@jest/globals'
import { type Browser, chromium } from 'playwright-core'

const names = ['chromium', 'chromium-browser', 'google-chrome']

/** The Chromium of this system: CHROMIUM in the environment, or what is on the PATH. */
const executablePath =
  process.env.CHROMIUM ??
  (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find(isExecutable)

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** A `describe` for tests in a browser. Without one it says so aloud, and fails where nobody would read it: in CI. */
export function describeInBrowser(title: string, tests: () => void): void {
  if (!executablePath) process.stderr.write('NOT RUN: browser test: no Chromium found (apt-get install chromium)\n')
  describe(title, () => {
    if (executablePath) return void tests()
    const attempt = process.env.CI ? it : it.skip
    attempt('needs Chromium', () => {
      throw new Error('No Chromium found (apt-get install chromium)')
    })
  })
}

/** `more`: further arguments of its command line. */
export const launchBrowser = (...more: string[]): Promise<Browser> =>
  chromium.launch({
    executablePath,
    // In a container the sandbox has no user namespaces; nothing but this project's page is opened.
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', ...more],
  })

const buildScript = `
  const { buildWebClient } = await import('./dev/web-build.ts')
  process.stdout.write(await buildWebClient(() => {}))
`

/** The folder of the web client, built when it is not up to date: in a process of its own, since Vite's bundler does not run inside Jest. */
export async function builtWebClient(): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', buildScript], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, NODE_OPTIONS: '', NODE_ENV: '' },
  })
  return stdout
}

/** A network between browser and server that can be lost. */
export interface LossyNetwork {
  url: string
  /** Cuts every connection, and every new one until `mend`. */
  cut(): void
  mend(): void
  close(): Promise<void>
}

export async function openLossyNetwork(target: string): Promise<LossyNetwork> {
  const { hostname, port } = new URL(target)
  const open = new Set<Socket>()
  let isCut = false
  const hold = (socket: Socket, other: Socket) => {
    open.add(socket)
    socket.pipe(other)
    // What follows an error is `close`, which ends the other side as well.
    socket.on('error', () => {})
    socket.on('close', () => {
      open.delete(socket)
      other.destroy()
    })
  }
  const server = createServer((near) => {
    if (isCut) return near.destroy()
    const far = connect(Number(port), hostname)
    hold(near, far)
    hold(far, near)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('The lossy network has no address')

  const cut = () => {
    isCut = true
    for (const socket of open) socket.destroy()
  }
  return {
    url: `http://127.0.0.1:${address.port}`,
    cut,
    mend: () => {
      isCut = false
    },
    close: () => {
      cut()
      return new Promise((closed) => server.close(() => closed()))
    },
  }
}
