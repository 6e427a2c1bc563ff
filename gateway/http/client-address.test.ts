import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from '@jest/globals'
import { createClientAddress } from './client-address.ts'

const from = (remoteAddress: string, forwarded?: string) =>
  ({ socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } }) as unknown as IncomingMessage

describe('the address of a client', () => {
  it('is that of the socket, whatever the client claims', () => {
    expect(createClientAddress([])(from('198.51.100.7', '203.0.113.9'))).toBe('198.51.100.7')
  })

  it('is what a trusted proxy says', () => {
    const clientAddress = createClientAddress(['10.0.0.0/8'])
    expect(clientAddress(from('10.1.2.3', '203.0.113.9'))).toBe('203.0.113.9')
    expect(clientAddress(from('198.51.100.7', '203.0.113.9'))).toBe('198.51.100.7')
  })

  it('is the one that the trusted proxy saw, not one that the client put before it', () => {
    expect(createClientAddress(['10.0.0.0/8'])(from('10.1.2.3', '1.1.1.1, 203.0.113.9'))).toBe('203.0.113.9')
  })
})
