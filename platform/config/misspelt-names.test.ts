import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { knownNames } from './known-names.ts'
import { misspeltNames } from './misspelt-names.ts'

const names = ['REDIS_URL', 'PORT', 'TRUSTED_PROXIES', 'OPERATION_TIMEOUT', 'PASSPORT_KEYS', 'MYSQL_URL']

it.each([
  ['REDIS_ULR', 'REDIS_URL'],
  ['REDIS_URI', 'REDIS_URL'],
  ['redis_url', 'REDIS_URL'],
  ['PROT', 'PORT'],
  ['TRUSTED_PROXY', 'TRUSTED_PROXIES'],
  ['PASSPORT_KEY', 'PASSPORT_KEYS'],
  ['MYSQLURL', 'MYSQL_URL'],
])('%s is named, with what was meant', (given, meant) => {
  expect(misspeltNames({ [given]: 'x' }, names)).toEqual([`${given} is not known: did you mean ${meant}?`])
})

it('a letter left out, added, replaced or moved is noticed in every name', () => {
  const slips = fc.constantFrom('left out', 'added', 'replaced', 'moved')
  fc.assert(
    fc.property(fc.constantFrom(...knownNames), slips, fc.nat(), (name, slip, at) => {
      const index = at % (name.length - 1)
      const [head, tail] = [name.slice(0, index), name.slice(index)]
      const spelt = {
        'left out': head + tail.slice(1),
        added: `${head}Q${tail}`,
        replaced: `${head}Q${tail.slice(1)}`,
        moved: head + tail.charAt(1) + tail.charAt(0) + tail.slice(2),
      }[slip]
      fc.pre(!knownNames.has(spelt))
      expect(misspeltNames({ [spelt]: 'x' }, [...knownNames])).toHaveLength(1)
    }),
  )
})

it.each([
  'PATH',
  'HOME',
  'HOSTNAME',
  'NODE_OPTIONS',
  'LANG',
  'REDIS_PORT',
  'REDIS_SERVICE_HOST',
  'SHELL',
  'USER',
  'PWD',
])('what others set is none of ours: %s', (name) => expect(misspeltNames({ [name]: 'x' }, [...knownNames])).toEqual([]))

it('addresses that an orchestrator sets for services are no mistake, nor are the names of other processes, nor empty ones', () => {
  expect(misspeltNames({ WEB_PORT: 'tcp://10.0.0.1:80' }, ['WEB_ROOT'])).toEqual([])
  for (const name of knownNames) expect(misspeltNames({ [name]: 'x' }, ['PORT'])).toEqual([])
  expect(misspeltNames({ REDIS_ULR: '' }, names)).toEqual([])
})
