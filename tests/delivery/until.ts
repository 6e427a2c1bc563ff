import { setTimeout as pause } from 'node:timers/promises'

/** Waits until the condition holds, or the deadline is over, which is asked each time; gives whether it does. Times are those of `performance.now()`. */
export async function until(condition: () => boolean, deadline: () => number): Promise<boolean> {
  while (!condition() && performance.now() < deadline()) await pause(50)
  return condition()
}

/** The deadline so many milliseconds from now. */
export function after(milliseconds: number): () => number {
  const at = performance.now() + milliseconds
  return () => at
}
