import { hkdfSync } from 'node:crypto'

/** The keys that are derived from the configured secret: one for each use, so that none tells anything of another. */
export interface Secrets {
  refreshTokens: Buffer
  signingKeys: Buffer
}

/** Throws when the secret has less than 32 characters. */
export function deriveSecrets(secret: string): Secrets {
  if (secret.length < 32) throw new Error('The secret of auth needs at least 32 characters')
  const derive = (use: string) => Buffer.from(hkdfSync('sha256', secret, '', `parley auth ${use}`, 32))
  return { refreshTokens: derive('refresh tokens'), signingKeys: derive('signing keys') }
}
