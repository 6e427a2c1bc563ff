import type { Resources } from '../../platform/lifecycle/resources.ts'

/**
 * Owns what is still being opened. Resources that close meanwhile wait for it and close it then; whoever waits for it here gets an
 * error, and so opens nothing more.
 */
export async function ownOnceOpen<T>(
  resources: Resources,
  opening: Promise<T>,
  close: (opened: T) => Promise<unknown>,
): Promise<T> {
  let isClosing = false
  resources.onClose(async () => {
    isClosing = true
    const [outcome] = await Promise.allSettled([opening])
    if (outcome.status === 'fulfilled') await close(outcome.value)
  })
  const opened = await opening
  if (isClosing) throw new Error('It was opened when all else was being closed')
  return opened
}
