import { expect, it } from '@jest/globals'
import { createOriginCheck } from './origins.ts'

const allows = createOriginCheck(['https://chat.example.com', 'http://localhost:5173'])

it('allows the origins on the list and the gateway itself', () => {
  expect(allows('https://chat.example.com', 'api.example.com')).toBe(true)
  expect(allows('http://localhost:5173', 'api.example.com')).toBe(true)
  expect(allows('https://api.example.com', 'api.example.com')).toBe(true)
  expect(allows('http://127.0.0.1:4000', '127.0.0.1:4000')).toBe(true)
})

it('refuses look-alikes, other ports and schemes, and what is no origin', () => {
  for (const origin of [
    'http://chat.example.com',
    'https://chat.example.com:8443',
    'https://chat.example.com.evil.example',
    'https://evil.example/?https://chat.example.com',
    'https://api.example.com@evil.example',
    'null',
    '',
    'file://',
  ]) {
    expect([origin, allows(origin, 'api.example.com')]).toEqual([origin, false])
  }
  expect(allows('https://evil.example', undefined)).toBe(false)
})
