import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from '@jest/globals'
import { sayWhenReady } from './run-process.ts'

function open(missing: string[]) {
  const said: string[] = []
  const service = { url: 'http://x', missing: () => missing, stop: async () => {} }
  return { said, running: sayWhenReady('chat', 'http://x', service, (line) => void said.push(line)) }
}

it('a process that is ready says so at once', () => {
  expect(open([]).said).toEqual(['chat is ready at http://x'])
})

it('a process that is not ready says where it listens and what is missing, and once when it is ready', async () => {
  const missing = ['Redis', 'the keys of auth']
  const { said, running } = open(missing)
  expect(said).toEqual(['chat listens at http://x, and is not ready yet: Redis; the keys of auth'])
  missing.length = 0
  while (said.length < 2) await pause(10)
  missing.push('Redis')
  await running.stop()
  expect(said.slice(1)).toEqual(['chat is ready at http://x'])
})
