import { createPrivateKey, createPublicKey, generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { acceptedAfterEnd, type PublicKeys, type SigningKey } from '../../../platform/identity/access-token.ts'
import { within } from '../../../platform/lifecycle/within.ts'
import type { Logger } from '../../../platform/logging/logger.ts'
import type { AuthStore, StoredSigningKey } from '../store/auth-store.ts'
import { needsNewKey, outlivedKeys, signingKeyAmong } from './key-schedule.ts'
import { seal, unseal } from './sealing.ts'

/** The keys that access tokens are signed with, as the store has them. */
export interface KeyRing {
  signingKey(): SigningKey
  /** What `/.well-known/jwks.json` answers: other replicas' keys too, as far as the store can be asked. */
  published(): Promise<{ keys: JsonWebKey[] }>
  publicKeys: PublicKeys
  /** Reads the store again, makes a key when it is time, and drops those that no token needs. */
  upkeep(): Promise<void>
}

export interface KeyRingOptions {
  store: Pick<AuthStore, 'signingKeys' | 'addSigningKey' | 'removeSigningKeys'>
  /** Seals the private keys in the store: 32 bytes. */
  sealingKey: Buffer
  /** In seconds. */
  accessTokenLifetime: number
  logger: Logger
  now?(): Date
}

interface HeldKey {
  id: string
  createdAt: Date
  publicKey: KeyObject
  privateKey: KeyObject | undefined
}

/** How often a request may make the ring look into the store, in milliseconds. */
const lookAgainAfter = 2_000
/** How long that look may hold up the answer, in milliseconds. */
const patience = 500

/** Opens the ring; it holds at least one key then. */
export async function openKeyRing(options: KeyRingOptions): Promise<KeyRing> {
  const { store, sealingKey, accessTokenLifetime, logger, now = () => new Date() } = options
  let held: HeldKey[] = []
  let readAt = 0

  const open = (key: StoredSigningKey): HeldKey => {
    const sealed = unseal(sealingKey, key.id, key.sealedPrivateKey)
    return {
      id: key.id,
      createdAt: key.createdAt,
      publicKey: createPublicKey({ key: JSON.parse(key.publicKey), format: 'jwk' }),
      privateKey: sealed === undefined ? undefined : createPrivateKey(sealed),
    }
  }
  const usable = () => held.filter((key) => key.privateKey !== undefined)
  const read = async () => {
    readAt = now().getTime()
    const known = new Map(held.map((key) => [key.id, key]))
    held = (await store.signingKeys()).map((key) => known.get(key.id) ?? open(key))
  }
  const upkeep = async () => {
    await read()
    if (needsNewKey(usable(), now())) {
      if (held.length > 0 && usable().length === 0)
        logger.warn('no signing key opens with the configured secret: making a new one')
      await store.addSigningKey(makeKey(sealingKey, now()))
      await read()
    }
    const outlived = outlivedKeys(held, now(), (accessTokenLifetime + acceptedAfterEnd) * 1000)
    if (outlived.length === 0) return
    await store.removeSigningKeys(outlived.map((key) => key.id))
    await read()
  }
  /** Another replica may have made a key. */
  const lookAgain = async () => {
    if (now().getTime() - readAt >= lookAgainAfter) await read()
  }
  const find = (id: string) => held.find((key) => key.id === id)?.publicKey

  await upkeep()
  return {
    signingKey() {
      const key = signingKeyAmong(usable(), now())
      if (!key?.privateKey) throw new Error('There is no key to sign with')
      return { keyId: key.id, privateKey: key.privateKey }
    },
    async published() {
      // Whoever asks gives up soon, and the keys that are held are good.
      await within(patience, lookAgain(), 'The store does not answer in time').catch((error) =>
        logger.warn({ err: error }, 'the signing keys could not be read again'),
      )
      const publish = ({ id, publicKey }: HeldKey) => ({
        ...publicKey.export({ format: 'jwk' }),
        kid: id,
        use: 'sig',
        alg: 'ES256',
      })
      return { keys: held.map(publish) }
    },
    async publicKeys(id) {
      if (!find(id)) await lookAgain()
      return find(id)
    },
    upkeep,
  }
}

function makeKey(sealingKey: Buffer, createdAt: Date): StoredSigningKey {
  const id = uuidv7()
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    id,
    publicKey: JSON.stringify(publicKey.export({ format: 'jwk' })),
    sealedPrivateKey: seal(sealingKey, id, privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()),
    createdAt,
  }
}
