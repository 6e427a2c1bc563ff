import type { DemoUser } from './demo/demo-client.ts'

interface BannerParts {
  url: string
  /** Addresses of the same for other machines. */
  elsewhere?: string[]
  /** Lines about what it runs on. */
  engine: string[]
  users: DemoUser[]
  /** Settings that have no effect. */
  ignored?: string[]
}

/** What a person sees once everything runs. */
export function banner({ url, elsewhere = [], engine, users, ignored = [] }: BannerParts): string {
  const logins = users.map(({ username, password }) => `    ${username.padEnd(14)}${password}`)
  return [
    '',
    '  Parley is running.',
    '',
    `  Web client      ${url}/`,
    `  GraphQL         ${url}/graphql   (HTTP and WebSocket; open it in a browser for Apollo Sandbox)`,
    `  Offline IDE     ${url}/ide`,
    ...elsewhere.map((address) => `  On another machine of this network: ${address}/`),
    '',
    ...engine,
    '',
    '  Demo logins',
    ...logins,
    ...(ignored.length > 0 ? ['', ...ignored.map((problem) => `  Ignored: ${problem}`)] : []),
    '',
    '  Ctrl-C stops it.',
    '',
  ].join('\n')
}
