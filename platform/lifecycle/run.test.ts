import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { afterEach, describe, expect, it } from '@jest/globals'

const run = new URL('./run.ts', import.meta.url).href
const never = 'new Promise(() => {})'
const soon = 'new Promise((resolve) => setTimeout(resolve, 100))'

describe('a process that is told to end', () => {
  let child: ChildProcess
  afterEach(() => void child.kill('SIGKILL'))

  /** Starts a service that ends like this, tells it to, and gives the exit code. */
  const end = async ({ stop, stopsWithin, grace }: { stop: string; stopsWithin?: number; grace: number }) => {
    const service = `{ url: '', stopsWithin: ${stopsWithin}, stop: () => ${stop} }`
    const script = `import { run } from '${run}'
      setInterval(() => {}, 1_000)
      await run(async () => (${service}), { grace: ${grace} })
      console.log('ready')`
    child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const exited = once(child, 'exit')
    await Promise.race([once(child.stdout ?? child, 'data'), exited])
    child.kill('SIGTERM')
    return (await exited)[0]
  }

  it('ends with 0 when its service has stopped, however long that says it may take', async () => {
    expect(await end({ stop: soon, grace: 60_000 })).toBe(0)
    expect(await end({ stop: soon, stopsWithin: 60_000, grace: 1 })).toBe(0)
  })

  it('ends with 1 when its service takes longer than it says, or than it may', async () => {
    expect(await end({ stop: never, stopsWithin: 50, grace: 60_000 })).toBe(1)
    expect(await end({ stop: never, grace: 50 })).toBe(1)
  })

  it('ends with 1 when stopping fails', async () => {
    expect(await end({ stop: "Promise.reject('no more')", grace: 60_000 })).toBe(1)
  })

  /** Starts what is given as the work of the start, sends the signal meanwhile, and returns the exit code and what it said. */
  const interrupt = async (start: string, signal: NodeJS.Signals = 'SIGTERM', options = '{}') => {
    const script = `import { run } from '${run}'
      setInterval(() => {}, 1_000)
      await run(async () => {
        console.log('starting')
        ${start}
      }, ${options})`
    child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'pipe'] })
    const said: string[] = []
    child.stderr?.on('data', (chunk) => said.push(String(chunk)))
    const closed = once(child, 'close')
    await once(child.stdout ?? child, 'data')
    child.kill(signal)
    return { code: (await closed)[0], said: said.join('') }
  }

  it('gives up a start that waits for something, with one line and the code of the signal', async () => {
    for (const [signal, code] of [['SIGTERM', 143] as const, ['SIGINT', 130] as const]) {
      const ended = await interrupt(`await ${never}`, signal)
      expect(ended).toEqual({ code, said: `${signal} came while this was starting: it has given up the start\n` })
    }
  })

  it('finishes a start that is nearly done, and stops what came of it', async () => {
    const started = `await ${soon}; return { url: '', stop: async () => console.error('stopped') }`
    expect(await interrupt(started, 'SIGTERM', '{ startGrace: 60_000 }')).toEqual({ code: 0, said: 'stopped\n' })
  })

  it('is not hurried by the signal to its start once it stops', async () => {
    const slow = "await new Promise((resolve) => setTimeout(resolve, 400)); console.error('stopped')"
    const started = `await ${soon}; return { url: '', stop: async () => { ${slow} } }`
    expect(await interrupt(started, 'SIGTERM', '{ startGrace: 300 }')).toEqual({ code: 0, said: 'stopped\n' })
  })
})
