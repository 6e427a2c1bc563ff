import { networkInterfaces } from 'node:os'

type Interfaces = ReturnType<typeof networkInterfaces>

export interface Addresses {
  /** To open on this machine. */
  here: string
  /** To open on other machines; none when it listens on this machine only. */
  elsewhere: string[]
}

/** Where people reach what listens at `url` on `host`: a host that stands for every address (0.0.0.0, ::) is none to open. */
export function addressesOf(url: string, host: string, interfaces: Interfaces = networkInterfaces()): Addresses {
  if (host !== '0.0.0.0' && host !== '::') return { here: url, elsewhere: [] }
  const { port } = new URL(url)
  const elsewhere = Object.values(interfaces)
    .flatMap((each) => each ?? [])
    .filter(({ internal, family, scopeid }) => !internal && (family === 'IPv4' || (host === '::' && !scopeid)))
    .map(({ family, address }) => `http://${family === 'IPv4' ? address : `[${address}]`}:${port}`)
  return { here: `http://127.0.0.1:${port}`, elsewhere }
}
