import { describe, it } from '@jest/globals'
import { type Server, serverUrl } from './server-urls.ts'

/** Runs the suite on the real server. Without one it is reported as left out. */
export function onServer(server: Server, suite: (url: string) => void): void {
  const url = serverUrl(server)
  if (url) suite(url)
  else describe(`on ${server}`, () => it.skip(`needs a ${server} server`, () => {}))
}
