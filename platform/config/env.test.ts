import { describe, expect, it } from '@jest/globals'
import { ConfigError, describeEnv, integer, list, readEnv, text } from './env.ts'

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

  it('describes itself', () => {
    expect(describeEnv(variables).split('\n')).toEqual([
      '  HOST     Where to listen [127.0.0.1]',
      '  PORT     The port [4000]',
      '  ISSUER   Who signs tokens',
      '  ORIGINS  Who may call',
    ])
  })
})
