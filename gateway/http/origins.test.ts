import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createLogger, type Logger } from '../../platform/logging/logger.ts'
import { createOrigins } from './origins.ts'

const allowedOrigins = ['https://chat.example.com', 'http://localhost:5173']
const logger = createLogger('gateway', 'silent')
const production = createOrigins({ allowedOrigins, development: false, logger })
const development = createOrigins({ allowedOrigins, development: true, logger })

const foreign = [
  'http://chat.example.com',
  'https://chat.example.com:8443',
  'https://chat.example.com.evil.example',
  'https://evil.example/?https://chat.example.com',
  'https://api.example.com@evil.example',
  'http://localhost.evil.example',
  'http://127.0.0.1.evil.example',
  'http://evil.example#http://localhost',
  'http://localhost:80@evil.example',
  'http://127.0.0.1:5173/path',
  'ftp://localhost',
  'null',
  '',
  'file://',
]

describe('the origins that may call', () => {
  it('are those on the list and the gateway itself', () => {
    expect(production.mayCall('https://chat.example.com', 'api.example.com')).toBe(true)
    expect(production.mayCall('http://localhost:5173', 'api.example.com')).toBe(true)
    expect(production.mayCall('https://api.example.com', 'api.example.com')).toBe(true)
    expect(production.mayCall('http://127.0.0.1:4000', '127.0.0.1:4000')).toBe(true)
    expect(production.mayCall('https://api.example.com', 'api.example.com:443')).toBe(true)
    expect(production.mayCall('https://api.example.com', 'api.example.com:80')).toBe(false)
  })

  it('are not look-alikes, other ports and schemes, and what is no origin, in production and in development', () => {
    for (const origins of [production, development]) {
      for (const origin of foreign) {
        expect([origin, origins.mayCall(origin, 'api.example.com')]).toEqual([origin, false])
      }
      expect(origins.mayCall('https://evil.example', undefined)).toBe(false)
    }
  })

  it('are all of this machine in development, and none of them in production that is not on the list', () => {
    const hosts = fc.constantFrom('localhost', 'app.localhost', '127.0.0.1', '127.8.0.3', '[::1]')
    const ports = fc.integer({ min: 1, max: 65_535 }).filter((port) => ![80, 443, 5173].includes(port))
    fc.assert(
      fc.property(fc.constantFrom('http', 'https'), hosts, ports, (scheme, host, port) => {
        const origin = `${scheme}://${host}:${port}`
        expect(development.isAllowed(origin)).toBe(true)
        expect(production.isAllowed(origin)).toBe(false)
      }),
    )
    expect(development.isAllowed('http://localhost')).toBe(true)
  })

  it('are never a name that was made up, whatever it is built from', () => {
    const part = fc.constantFrom('localhost', '127.0.0.1', '[::1]', '.', '@', ':', '/', '#', '?', '%2e', '-')
    const prefix = fc.array(part, { maxLength: 5 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(prefix, prefix, (before, after) => {
        const origin = `http://${before}evil.example${after}`
        // Every name below localhost is this machine (RFC 6761), whatever stands before it.
        fc.pre(!URL.parse(origin)?.hostname.endsWith('.localhost'))
        expect(development.mayCall(origin, 'localhost:4000')).toBe(false)
      }),
    )
  })
})

describe('the refusal of an origin', () => {
  const recorder = () => {
    const lines: object[] = []
    const warn = ((fields: object, message: string) => void lines.push({ ...fields, message })) as Logger['warn']
    return { lines, origins: createOrigins({ allowedOrigins, development: false, logger: { ...logger, warn } }) }
  }

  it('names the setting, and is logged once for each origin', () => {
    const { lines, origins } = recorder()
    const message = origins.refusal('https://app.example')
    expect(message).toContain('ALLOWED_ORIGINS')
    expect(origins.refusal('https://app.example')).toBe(message)
    expect(lines).toEqual([{ origin: 'https://app.example', message }])
    origins.refusal('https://other.example')
    expect(lines).toHaveLength(2)
  })

  it('does not fill the log, however many origins somebody makes up', () => {
    const { lines, origins } = recorder()
    for (let count = 0; count < 1_000; count += 1) origins.refusal(`https://${count}.example`)
    expect(lines.length).toBeLessThanOrEqual(50)
    const long = recorder()
    long.origins.refusal('x'.repeat(10_000))
    expect(JSON.stringify(long.lines).length).toBeLessThan(500)
  })

  it('says of a page without an origin that it has to be served', () => {
    expect(recorder().origins.refusal('null')).toContain('open it from a web server')
  })
})
