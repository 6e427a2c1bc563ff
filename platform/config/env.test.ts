import { describe, expect, it } from '@jest/globals'
import { ConfigError, describeEnv, readEnv } from './env.ts'
import {
  boolean,
  choice,
  integer,
  list,
  secret,
  secrets,
  serverUrl,
  serviceUrls,
  serviceUrlsByName,
  text,
} from './variable-kinds.ts'

const variables = {
  HOST: text('Where to listen', '127.0.0.1'),
  PORT: integer('The port', 4000, 0, 65_535),
  ISSUER: text('Who signs tokens'),
  ORIGINS: list('Who may call'),
}

const problemsOf = (environment: Record<string, string>): string[] => {
  try {
    readEnv(environment, variables)
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.message.split('\n').slice(1)
  }
}

describe('the environment', () => {
  it('is read into typed values, with defaults', () => {
    expect(readEnv({ ISSUER: 'parley', ORIGINS: ' https://a.test , ,https://b.test' }, variables)).toEqual({
      HOST: '127.0.0.1',
      PORT: 4000,
      ISSUER: 'parley',
      ORIGINS: ['https://a.test', 'https://b.test'],
    })
  })

  it('takes empty text for absent', () => {
    expect(readEnv({ ISSUER: 'parley', PORT: '', ORIGINS: '' }, variables)).toMatchObject({ PORT: 4000, ORIGINS: [] })
    expect(problemsOf({ ISSUER: '' })).toEqual(['  - ISSUER is required'])
  })

  it('reports everything that is wrong at once, by name', () => {
    expect(problemsOf({ PORT: '99999' })).toEqual(['  - PORT must be between 0 and 65535', '  - ISSUER is required'])
  })

  it.each(['4000x', '0x10', '1e3', '4.5', ' 4000'])('does not take %j for a whole number', (PORT) => {
    expect(problemsOf({ PORT, ISSUER: 'parley' })).toEqual(['  - PORT must be a whole number'])
  })

  it('describes itself: name, meaning, type and default', () => {
    const more = {
      ...variables,
      MODE: choice('How', ['fast', 'slow'], 'fast'),
      AUTH: serviceUrls('Where', 'http://a:1'),
    }
    expect(describeEnv(more).split('\n')).toEqual([
      '  HOST     Where to listen (text) [127.0.0.1]',
      '  PORT     The port (whole number, 0 to 65535) [4000]',
      '  ISSUER   Who signs tokens (text) [required]',
      '  ORIGINS  Who may call (list, parted by commas)',
      '  MODE     How (one of fast, slow) [fast]',
      '  AUTH     Where (list of addresses, parted by commas) [http://a:1; in production required]',
    ])
  })
})

describe('in production', () => {
  const where = {
    AUTH: serviceUrls('Where', 'http://127.0.0.1:4001'),
    SAFE: { ...boolean('Safe', true), developmentFallback: 'false' },
  }

  it('an address has to be given', () => {
    expect(readEnv({}, where)).toEqual({ AUTH: ['http://127.0.0.1:4001'], SAFE: false })
    expect(() => readEnv({ NODE_ENV: 'production' }, where)).toThrow('AUTH is required')
    expect(readEnv({ NODE_ENV: 'production', AUTH: 'http://a:1, http://b:2' }, where)).toEqual({
      AUTH: ['http://a:1', 'http://b:2'],
      SAFE: true,
    })
  })
})

describe('a value of its kind', () => {
  const long = 'x'.repeat(32)
  it.each([
    [boolean('B', true), 'false', false],
    [choice('C', ['a', 'b'], 'a'), 'b', 'b'],
    [serverUrl('S', /^a:\/\/\w+$/, 'a://h'), 'a://h', 'a://h'],
    [secrets('K'), `${long},${long}y`, [long, `${long}y`]],
    [
      serviceUrlsByName('N', 'a=http://a'),
      'a=http://x:1,b=http://y,a=http://z',
      { a: ['http://x:1', 'http://z'], b: ['http://y'] },
    ],
  ])('is read: %#', (variable, given, value) => {
    expect(readEnv({ VALUE: given }, { VALUE: variable }).VALUE).toEqual(value)
  })

  it.each([
    [boolean('B', true), 'yes', 'must be true or false'],
    [choice('C', ['a', 'b'], 'a'), 'c', 'must be one of a, b'],
    [serverUrl('S', /^a:\/\/\w+$/, 'a://h'), 'b://h', 'must be a URL such as a://h'],
    [serverUrl('S', /^a:\/\/\w+$/, 'a://h'), '', 'is required'],
    [secret('K'), 'short', 'must have at least 32 characters'],
    [secrets('K'), `${long},short`, 'must have at least 32 characters'],
    [serviceUrls('U', 'http://a:1'), 'a:1', 'must be addresses such as http://a:1'],
    [serviceUrlsByName('N', 'a=http://a'), 'http://a', 'must be names with addresses'],
  ])('is refused when it is none: %#', (variable, given, problem) => {
    expect(() => readEnv({ VALUE: given, NODE_ENV: 'production' }, { VALUE: variable })).toThrow(`VALUE ${problem}`)
  })
})
