import { generateKeyPairSync } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { keysFromJwks } from './jwks.ts'

describe('the keys of an issuer', () => {
  let issuer: Server
  let url: string
  let published: object[]
  let asked: number

  const publish = (keyId: string) => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    published.push({ ...publicKey.export({ format: 'jwk' }), kid: keyId, use: 'sig', alg: 'ES256' })
  }
  beforeEach(async () => {
    published = []
    asked = 0
    issuer = createServer((_, response) => {
      asked += 1
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ keys: published }))
    })
    await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/`
    publish('first')
  })
  const stop = () => new Promise((resolve) => issuer.close(resolve).closeAllConnections())
  afterEach(async () => {
    jest.restoreAllMocks()
    await stop()
  })
  /** Lets the keys grow older. */
  const pass = (minutes: number) => {
    const later = performance.now() + minutes * 60_000
    jest.spyOn(performance, 'now').mockImplementation(() => later)
  }

  it('are asked for once, whatever ids are made up', async () => {
    const keys = keysFromJwks([url]).find
    expect((await keys('first'))?.asymmetricKeyType).toBe('ec')
    const unknown = await Promise.all(Array.from({ length: 50 }, (_, index) => keys(`made-up-${index}`)))
    expect(unknown.every((key) => key === undefined)).toBe(true)
    expect(asked).toBe(1)
    expect(await keys('first')).toBeDefined()
  })

  it('are known even while the issuer is away', async () => {
    const keys = keysFromJwks([url]).find
    await keys('first')
    await stop()
    expect(await keys('first')).toBeDefined()
  })

  it('are no longer accepted two minutes after they were withdrawn, whatever is asked for', async () => {
    const keys = keysFromJwks([url]).find
    await keys('first')
    published = []
    publish('second')
    pass(3)
    expect(await keys('first')).toBeUndefined()
    expect(await keys('second')).toBeDefined()
    expect(asked).toBe(2)
  })

  it('are renewed beside the requests after a minute', async () => {
    const keys = keysFromJwks([url]).find
    await keys('first')
    published = []
    publish('second')
    pass(1.5)
    expect(await keys('first')).toBeDefined()
    while (await keys('first')) await new Promise(setImmediate)
  })

  it('stay known for as long as the issuer is away, which is not asked by every request', async () => {
    const keys = keysFromJwks([url]).find
    await keys('first')
    await stop()
    pass(60)
    const known = await Promise.all(Array.from({ length: 20 }, () => keys('first')))
    for (const key of known) expect(key).toBeDefined()
    expect(await keys('first')).toBeDefined()
  })

  it('are asked of the next replica when one does not answer', async () => {
    const keys = keysFromJwks(['http://127.0.0.1:9/', url]).find
    expect(await keys('first')).toBeDefined()
  })

  it('cannot be told, rather than do not exist, before the issuer was reached once', async () => {
    await stop()
    await expect(keysFromJwks([url]).find('first')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('are asked for until they are known, and stay known while the issuer is away', async () => {
    const { areKnown, hasAny, find } = keysFromJwks([url])
    published = []
    await expect(areKnown()).rejects.toThrow()
    expect(hasAny()).toBe(false)
    publish('first')
    expect(await areKnown()).toBe(true)
    expect(hasAny()).toBe(true)
    expect(asked).toBe(2)
    await stop()
    expect(await areKnown()).toBe(true)
    expect(await find('first')).toBeDefined()
  })
})
