import { ApiError } from './api-error.ts'

const answerWithin = 15_000

/**
 * `fetch` that gives up in time, the answer's body included: a request on a dead connection would otherwise hang for minutes.
 * Throws an `ApiError` of code `NETWORK` when there is no whole answer, so that nothing else is taken for a lost network.
 */
export const timedFetch: typeof fetch = async (input, init) => {
  const timeout = AbortSignal.timeout(answerWithin)
  const signal = init?.signal ? AbortSignal.any([init.signal, timeout]) : timeout
  try {
    const response = await fetch(input, { ...init, signal })
    const body = await response.arrayBuffer()
    const { status, statusText, headers } = response
    return new Response(body.byteLength > 0 ? body : null, { status, statusText, headers })
  } catch (failure) {
    if (init?.signal?.aborted) throw failure
    throw new ApiError('The server cannot be reached. Check your connection and try again.', 'NETWORK')
  }
}
