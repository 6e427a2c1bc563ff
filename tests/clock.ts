import { fileURLToPath } from 'node:url'

const preload = new URL('shift-clock.ts', import.meta.url).href

/** The environment of a process whose clock is ahead by so many seconds; negative: behind. */
export const clockAhead = (seconds: number): Record<string, string> => ({
  NODE_OPTIONS: `--import ${preload}`,
  TEST_CLOCK_SHIFT: String(seconds),
})

/** The environment of a process whose clock is ahead by the seconds that stand in this file, whenever it changes. */
export const clockOfFile = (file: string | URL): Record<string, string> => ({
  NODE_OPTIONS: `--import ${preload}`,
  TEST_CLOCK_FILE: typeof file === 'string' ? file : fileURLToPath(file),
})
