import { isIP } from 'node:net'
import { z } from 'zod'
import type { Variable } from './env.ts'

/** Text with a default; without one it is required. */
export const text = (meaning: string, fallback?: string): Variable<string> => ({
  schema: required(fallback),
  type: 'text',
  meaning,
  fallback,
})

/** A whole number from `min` to `max`. */
export const integer = (
  meaning: string,
  fallback: number,
  min = 0,
  max = Number.MAX_SAFE_INTEGER,
): Variable<number> => ({
  schema: required(String(fallback))
    .refine((value) => /^-?\d+$/.test(value), 'must be a whole number')
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be between ${min} and ${max}`),
  type: max === Number.MAX_SAFE_INTEGER ? `whole number from ${min}` : `whole number, ${min} to ${max}`,
  meaning,
  fallback: String(fallback),
})

/** `true` or `false`. */
export const boolean = (meaning: string, fallback: boolean): Variable<boolean> => ({
  schema: required(String(fallback))
    .refine((value) => value === 'true' || value === 'false', 'must be true or false')
    .transform((value) => value === 'true'),
  type: 'true or false',
  meaning,
  fallback: String(fallback),
})

/** One of a few words. */
export const choice = <T extends string>(meaning: string, words: readonly T[], fallback: T): Variable<T> => ({
  schema: required(fallback).refine((value): value is T => words.includes(value as T), {
    message: `must be one of ${words.join(', ')}`,
  }) as unknown as Variable<T>['schema'],
  type: `one of ${words.join(', ')}`,
  meaning,
  fallback,
})

/** Items parted by commas; empty without a value. */
export const list = (meaning: string, fallback = ''): Variable<string[]> => ({
  schema: itemsOf(required(fallback)),
  type: 'list, parted by commas',
  meaning,
  fallback: fallback || undefined,
})

/** Web origins (scheme, host and port), parted by commas; none without a value. */
export const origins = (meaning: string): Variable<string[]> => ({
  ...list(meaning),
  schema: list(meaning).schema.refine(
    (items) => items.every(isOrigin),
    'must be origins such as https://chat.example.org',
  ),
  type: 'list of origins, parted by commas',
})

const proxyWords = ['loopback', 'linklocal', 'uniquelocal']

/** Addresses of proxies, parted by commas: single ones, ranges, or words for ranges; none without a value. */
export const proxies = (meaning: string): Variable<string[]> => ({
  ...list(meaning),
  schema: list(meaning).schema.refine(
    (items) => items.every(isProxy),
    `must be IP addresses, CIDR ranges such as 10.0.0.0/8, or ${proxyWords.join(', ')}`,
  ),
  type: `list of IP addresses, CIDR ranges, ${proxyWords.join(', ')}, parted by commas`,
})

function isProxy(text: string): boolean {
  if (proxyWords.includes(text)) return true
  const [address = '', bits, ...rest] = text.split('/')
  const version = isIP(address)
  // A zone belongs to one machine's interfaces.
  if (version === 0 || rest.length > 0 || address.includes('%')) return false
  if (bits === undefined) return true
  return /^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= (version === 4 ? 32 : 128)
}

/** Text whose every character fits the pattern; may be empty. */
export const prefix = (meaning: string, fallback: string, pattern: RegExp, rule: string): Variable<string> => ({
  schema: required(fallback).refine((value) => pattern.test(value), rule),
  type: 'text',
  meaning,
  fallback: fallback || undefined,
})

/** Where a server is: a URL of this shape, which has to be given. */
export const serverUrl = (meaning: string, shape: RegExp, example: string): Variable<string> => ({
  schema: required(undefined)
    .refine((value) => shape.test(value), { message: `must be a URL such as ${example}`, abort: true })
    .refine(hasReadableLogin, { message: 'must have its name and password percent-encoded', abort: true })
    .refine(hasPossiblePorts, 'must have ports between 1 and 65535'),
  type: `URL such as ${example}`,
  meaning,
})

/** HTTP addresses of the replicas of a service; in production they have to be given. */
export const serviceUrls = (meaning: string, developmentFallback: string): Variable<string[]> => ({
  schema: itemsOf(required(undefined)).refine(
    (items) => items.length > 0 && items.every(isHttpUrl),
    `must be addresses such as ${developmentFallback}`,
  ),
  type: 'list of addresses, parted by commas',
  meaning,
  developmentFallback,
})

/** The same for several services: `name=address` items, by name. */
export const serviceUrlsByName = (
  meaning: string,
  developmentFallback: string,
): Variable<Record<string, string[]>> => ({
  schema: itemsOf(required(undefined))
    .refine(
      (items) =>
        items.length > 0 && items.every((item) => namedUrl.test(item) && isHttpUrl(item.replace(namedUrl, '$2'))),
      `must be names with addresses such as ${developmentFallback}`,
    )
    .transform((items) => {
      const named = Object.groupBy(items, (item) => item.replace(namedUrl, '$1'))
      const urls = ([name, each = []]: [string, string[]?]) => [name, each.map((item) => item.replace(namedUrl, '$2'))]
      return Object.fromEntries(Object.entries(named).map(urls))
    }),
  type: 'name=address items, parted by commas',
  meaning,
  developmentFallback,
})

const namedUrl = /^([A-Za-z][\w-]*)=(.+)$/
const shortestSecret = 32

/** A secret of at least 32 characters, which has to be given. */
export const secret = (meaning: string): Variable<string> => ({
  schema: required(undefined).refine(isSecret, secretRule),
  type: 'secret',
  meaning,
})

/** Secrets, parted by commas: the first is used, all are accepted, so that one can be rotated. */
export const secrets = (meaning: string): Variable<string[]> => ({
  schema: itemsOf(required(undefined)).refine((items) => items.length > 0 && items.every(isSecret), secretRule),
  type: 'secrets, parted by commas',
  meaning,
})

const secretRule = `must have at least ${shortestSecret} characters (openssl rand -hex 32)`
const isOrigin = (text: string) => URL.canParse(text) && new URL(text).origin === text
const isSecret = (text: string) => text.length >= shortestSecret

/** An address without a path, a query or a login: none of them would be used. */
function isHttpUrl(text: string): boolean {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol)) return false
  return url.pathname === '/' && !url.search && !url.hash && !url.username && !url.password
}

const authorityOf = (url: string) => /^[\w+]+:\/\/([^/?#]*)/.exec(url)?.[1] ?? ''

function hasReadableLogin(url: string): boolean {
  const authority = authorityOf(url)
  const login = authority.slice(0, Math.max(0, authority.lastIndexOf('@')))
  try {
    for (const part of login.split(':')) decodeURIComponent(part)
    return login.split(':').length <= 2
  } catch {
    return false
  }
}

function hasPossiblePorts(url: string): boolean {
  const hosts = authorityOf(url).split('@').at(-1) ?? ''
  const ports = hosts.split(',').flatMap((host) => /:(\d+)$/.exec(host)?.[1] ?? [])
  return ports.every((port) => Number(port) >= 1 && Number(port) <= 65_535)
}

const required = (fallback: string | undefined) =>
  z.preprocess(
    (value) => value ?? fallback,
    z
      .string('is required')
      .regex(/^\P{Cc}*$/u, { message: 'must have no line breaks or control characters', abort: true }),
  ) as z.ZodType<string, string | undefined>

const itemsOf = (schema: z.ZodType<string, string | undefined>) =>
  schema
    .transform((value) => value.split(',').map((item) => item.trim()))
    .transform((items) => items.filter((item) => item !== ''))
