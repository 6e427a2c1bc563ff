import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { Network } from '../../dev/network.ts'
import { ecdsa, type Signer } from './forged-token.ts'

/** Whose tokens every part of the system takes for auth's own. */
export interface StandInIssuer {
  keyId: string
  signer: Signer
  /** What was asked of it beside its keys. */
  otherPaths: string[]
  stop(): Promise<void>
}

/**
 * Takes the place of auth at its address and publishes a key that the test holds: the only way to show that a token which is well
 * signed is refused for what it says.
 */
export async function standInForAuth(system: Network): Promise<StandInIssuer> {
  await system.subgraphs.auth.stop()
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const keyId = randomUUID()
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: keyId, use: 'sig', alg: 'ES256' }
  const otherPaths: string[] = []
  const server = createServer(({ url = '' }, response) => {
    if (url !== '/.well-known/jwks.json') otherPaths.push(url)
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] }))
  })
  const port = Number(new URL(system.subgraphs.auth.url).port)
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    keyId,
    signer: ecdsa(privateKey),
    otherPaths,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await system.subgraphs.auth.start()
    },
  }
}
