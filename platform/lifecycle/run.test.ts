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
})
