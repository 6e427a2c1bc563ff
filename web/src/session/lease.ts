const lifetime = 4_000
const renewEvery = 1_000
const lookAgainAfter = 50
/** How long two tabs that take a free lease at the same time need to see each other's. */
const settles = 30

interface Lease {
  holder: string
  until: number
}

/** What a lease works with: the page's own, or a test's. */
export interface LeaseParts {
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>
  now(): number
  pause(milliseconds: number): Promise<void>
}

const ofPage = (): LeaseParts => ({
  storage: localStorage,
  now: Date.now,
  pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
})

/**
 * Runs the work while this tab holds the lease of that name in the browser's storage; without it when it cannot be had within
 * `turnWithin` milliseconds. A tab that is closed while it holds the lease loses it after four seconds.
 */
export async function withLease<T>(
  name: string,
  turnWithin: number,
  work: () => Promise<T>,
  parts: LeaseParts | undefined = whenAllowed(ofPage),
): Promise<T> {
  const lease = parts && (await takeLease(name, turnWithin, parts))
  if (!lease) return work()
  const renewing = setInterval(lease.renew, renewEvery)
  try {
    return await work()
  } finally {
    clearInterval(renewing)
    lease.giveBack()
  }
}

async function takeLease(name: string, turnWithin: number, { storage, now, pause }: LeaseParts) {
  const holder = `${now()} ${Math.random()}`
  const read = (): Lease | undefined => whenAllowed(() => JSON.parse(storage.getItem(name) ?? 'null') ?? undefined)
  const renew = () => whenAllowed(() => storage.setItem(name, JSON.stringify({ holder, until: now() + lifetime })))
  const isMine = () => read()?.holder === holder
  // A lease that lasts longer than any tells that the clock was set back.
  const isHeld = ({ until }: Lease) => until > now() && until <= now() + lifetime
  for (const deadline = now() + turnWithin; now() < deadline; await pause(lookAgainAfter * (1 + Math.random()))) {
    const found = read()
    if (found && isHeld(found)) continue
    renew()
    await pause(settles)
    if (isMine()) return { renew, giveBack: () => isMine() && whenAllowed(() => storage.removeItem(name)) }
  }
  return undefined
}

/** The result, or undefined where the browser keeps the page from its storage. */
function whenAllowed<T>(attempt: () => T): T | undefined {
  try {
    return attempt()
  } catch {
    return undefined
  }
}
