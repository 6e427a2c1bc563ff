import process from 'node:process'
import { setImmediate as turn } from 'node:timers/promises'

/** By question. `Child.ask` checks the arguments. */
export type Answers = Record<string, (...args: never[]) => unknown>

/** Asks for one of a child's answers. */
export interface Question {
  id: number
  question: string
  args: unknown[]
}

export type Answer = { id: number; answer: unknown } | { id: number; problem: string }

/** What can be asked of every child. */
export const measurements = {
  /** The processor time that this process has used, in microseconds. */
  cpu(): number {
    const { user, system } = process.cpuUsage()
    return user + system
  },
  /** What this process holds after a collection, in bytes. */
  async memory(): Promise<{ rss: number; heap: number }> {
    for (let count = 0; count < 3; count += 1) {
      globalThis.gc?.()
      await turn()
    }
    const { rss, heapUsed, external } = process.memoryUsage()
    return { rss, heap: heapUsed + external }
  },
}

/**
 * Makes this process answer the process that forked it until that disconnects; then it closes what it has. SIGINT does not end it: Ctrl-C
 * reaches every process of a terminal, and the parent, which decides what to do then, may still need answers.
 */
export function answerParent(answers: Answers, close: () => Promise<void> | void): void {
  const all: Answers = { ...measurements, ...answers }
  process.on('message', async ({ id, question, args }: Question) => {
    const reply = (answer: Answer) => void (process.connected && process.send?.(answer))
    try {
      reply({ id, answer: await all[question]?.(...(args as never[])) })
    } catch (error) {
      reply({ id, problem: String(error instanceof Error ? error.stack : error) })
    }
  })
  process.on('SIGINT', () => {})
  process.once('disconnect', () => void close())
}
