import type { DemoUser } from './demo/demo-client.ts'

/** What a person sees once everything runs. `engine`: lines about what it runs on. */
export function banner({ url, engine, users }: { url: string; engine: string[]; users: DemoUser[] }): string {
  const logins = users.map(({ username, password }) => `    ${username.padEnd(14)}${password}`)
  return [
    '',
    '  Parley is running.',
    '',
    `  Web client      ${url}/`,
    `  GraphQL         ${url}/graphql   (HTTP and WebSocket; open it in a browser for Apollo Sandbox)`,
    `  Offline IDE     ${url}/ide`,
    '',
    ...engine,
    '',
    '  Demo logins',
    ...logins,
    '',
    '  Ctrl-C stops it.',
    '',
  ].join('\n')
}
