import type { DemoUser } from './demo/demo-client.ts'
import { embeddedAdapters } from './engine.ts'

/** What a person sees once everything runs. */
export function banner({ url, dataDir, users }: { url: string; dataDir: string; users: DemoUser[] }): string {
  const adapters = Object.entries(embeddedAdapters).map(([port, adapter]) => `    ${port.padEnd(14)}${adapter}`)
  const logins = users.map(({ username, password }) => `    ${username.padEnd(14)}${password}`)
  return [
    '',
    '  Parley is running.',
    '',
    `  Web client      ${url}/`,
    `  GraphQL         ${url}/graphql   (HTTP and WebSocket; open it in a browser for Apollo Sandbox)`,
    `  Offline IDE     ${url}/ide`,
    '',
    `  Engine: embedded, in this one process. It loses nothing on a crash; it does not spread over machines.`,
    ...adapters,
    `  Data            ${dataDir}`,
    '',
    '  Demo logins',
    ...logins,
    '',
    '  Ctrl-C stops it.',
    '',
  ].join('\n')
}
