import { fork } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from '@jest/globals'

it('a child answers on after SIGINT, which Ctrl-C sends to it as well as to its parent, and ends once its parent lets go of it', async () => {
  const child = fork(new URL('bare-server.ts', import.meta.url), { execArgv: [], serialization: 'advanced' })
  const ended = once(child, 'exit')
  try {
    for (const id of [1, 2]) {
      child.send({ id, question: 'cpu', args: [] })
      const [answer] = await Promise.race([once(child, 'message'), ended])
      expect(answer).toEqual({ id, answer: expect.any(Number) })
      child.kill('SIGINT')
    }
    child.disconnect()
    expect(await ended).toEqual([0, null])
  } finally {
    child.kill('SIGKILL')
  }
})
