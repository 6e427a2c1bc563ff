/** What keeps a process from starting and an operator can mend: printed as its message alone, without a stack. */
export class StartError extends Error {
  override name = 'StartError'
}

/** What kept a server from listening, as the setting to change; anything else as it is. */
export function explainListenError(
  error: unknown,
  { HOST, METRICS_PORT }: Record<string, string | undefined>,
): unknown {
  const { code, syscall, port, address, hostname } = error as Partial<NodeJS.ErrnoException> & {
    port?: number
    address?: string
    hostname?: string
  }
  const name = port !== undefined && String(port) === METRICS_PORT ? 'METRICS_PORT' : 'PORT'
  if (syscall === 'listen' && code === 'EADDRINUSE')
    return new StartError(`${name} ${port} is in use: stop what uses it, or set another ${name}`)
  if (syscall === 'listen' && code === 'EACCES')
    return new StartError(`${name} ${port} is not allowed to this user: set one above 1023`)
  const host = HOST || hostname || address
  const isNoAddress = code === 'EADDRNOTAVAIL' || (syscall === 'getaddrinfo' && hostname === host)
  if (isNoAddress) return new StartError(`HOST ${host} is not an address of this machine`)
  return error
}
