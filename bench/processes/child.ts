import { fork } from 'node:child_process'
import { once } from 'node:events'
import { within } from '../../platform/lifecycle/within.ts'
import type { Answer, Answers, measurements } from './answer-parent.ts'

/** A process of a benchmark's own, with what it answers. */
export interface Child<A extends Answers> {
  ask<Q extends keyof (A & typeof measurements)>(
    question: Q,
    ...args: Parameters<(A & typeof measurements)[Q]>
  ): Promise<Awaited<ReturnType<(A & typeof measurements)[Q]>>>
  /** Lets it end, and waits until it has. */
  close(): Promise<void>
}

/** An answer may take this long, in milliseconds. */
const patience = 300_000
const endDeadline = 15_000

/** Starts the process whose file in this folder has this name. It ends with this process, however that ends. */
export const startChild = <A extends Answers>(name: string): Child<A> =>
  startChildFile(name, new URL(`${name}.ts`, import.meta.url))

/** The same for a file elsewhere; `name` is what errors call it. */
export function startChildFile<A extends Answers>(name: string, file: URL): Child<A> {
  const child = fork(file, {
    execArgv: ['--expose-gc'],
    serialization: 'advanced',
    // Standard output is the result's alone.
    stdio: ['ignore', 2, 2, 'ipc'],
  })
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  const ended = once(child, 'exit')
  let asked = 0
  child.on('message', (answer: Answer) => {
    const asker = waiting.get(answer.id)
    waiting.delete(answer.id)
    if ('problem' in answer) asker?.reject(new Error(`${name}: ${answer.problem}`))
    else asker?.resolve(answer.answer)
  })
  void ended.then(([code, signal]) => {
    for (const { reject } of waiting.values()) reject(new Error(`${name} ended with ${code ?? signal}`))
  })
  return {
    ask(question, ...args) {
      asked += 1
      const { promise, resolve, reject } = Promise.withResolvers<never>()
      waiting.set(asked, { resolve: resolve as (value: unknown) => void, reject })
      child.send({ id: asked, question, args }, (error) => {
        if (error) reject(error)
      })
      return within(patience, promise, `${name} did not answer "${String(question)}" within ${patience} ms`)
    },
    async close() {
      if (child.connected) child.disconnect()
      const timer = setTimeout(() => child.kill('SIGKILL'), endDeadline)
      await ended
      clearTimeout(timer)
    },
  }
}
