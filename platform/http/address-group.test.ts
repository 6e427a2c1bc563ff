import { describe, expect, it } from '@jest/globals'
import { addressGroup, clientAddress } from './address-group.ts'

describe('client addresses', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:cb00:7107', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::', '2001:db8:1:2::/64'],
    ['2001:db8:1::9', '2001:db8:1:0::/64'],
    ['2001:db8::1:2:3:4:5', '2001:db8:0:1::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('counts %s as %s', (ip, group) => {
    expect(addressGroup(ip)).toBe(group)
  })

  it('counts calls without an address together', () => {
    expect(addressGroup(null)).toBe('unknown')
  })

  it('keeps nothing that is not an address', () => {
    expect(clientAddress('203.0.113.7')).toBe('203.0.113.7')
    expect(clientAddress('203.0.113.7, 10.0.0.1')).toBeNull()
    expect(clientAddress('')).toBeNull()
    expect(clientAddress(undefined)).toBeNull()
  })
})
