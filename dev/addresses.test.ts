import type { networkInterfaces } from 'node:os'
import { expect, it } from '@jest/globals'
import { addressesOf } from './addresses.ts'

const common = { netmask: '', mac: '', cidr: null }
const interfaces: ReturnType<typeof networkInterfaces> = {
  lo: [{ ...common, address: '127.0.0.1', family: 'IPv4', internal: true }],
  wlan: [
    { ...common, address: '192.168.1.7', family: 'IPv4', internal: false },
    { ...common, address: 'fd00::2', family: 'IPv6', internal: false, scopeid: 0 },
    { ...common, address: 'fe80::1', family: 'IPv6', internal: false, scopeid: 3 },
  ],
}

it('tells nothing more of a host that is one address', () => {
  const url = 'http://127.0.0.1:4000'
  expect(addressesOf(url, '127.0.0.1', interfaces)).toEqual({ here: url, elsewhere: [] })
})

it('names the addresses that other machines can open', () => {
  expect(addressesOf('http://127.0.0.1:4000', '0.0.0.0', interfaces)).toEqual({
    here: 'http://127.0.0.1:4000',
    elsewhere: ['http://192.168.1.7:4000'],
  })
  expect(addressesOf('http://[::]:4000', '::', interfaces)).toEqual({
    here: 'http://127.0.0.1:4000',
    elsewhere: ['http://192.168.1.7:4000', 'http://[fd00::2]:4000'],
  })
})
