import { ConfigError } from '../platform/config/env.ts'

/** What kept the system from starting, as the setting to change when it is one. */
export function explainStartError(error: unknown, { host, port }: { host: string; port: number }): unknown {
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return new ConfigError([`PORT ${port} is in use: stop what uses it, or set another PORT`])
    case 'EACCES':
      return new ConfigError([`PORT ${port} is not allowed to this user: set one above 1023`])
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EADDRNOTAVAIL':
      return new ConfigError([`HOST ${host} is not an address of this machine`])
    default:
      return error
  }
}

export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
