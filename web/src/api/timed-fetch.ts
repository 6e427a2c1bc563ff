const answerWithin = 15_000

/** `fetch` that gives up in time: a request on a dead connection would otherwise hang for minutes. */
export const timedFetch: typeof fetch = (input, init) => {
  const timeout = AbortSignal.timeout(answerWithin)
  return fetch(input, { ...init, signal: init?.signal ? AbortSignal.any([init.signal, timeout]) : timeout })
}
