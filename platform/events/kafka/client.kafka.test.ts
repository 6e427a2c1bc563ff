import { describe, expect, it } from '@jest/globals'
import { parseKafkaUrl } from './client.kafka.ts'

describe('the Kafka URL', () => {
  it('names one broker or several', () => {
    expect(parseKafkaUrl('kafka://kafka')).toEqual({ brokers: ['kafka:9092'], ssl: false })
    expect(parseKafkaUrl('kafka://one:1,two.example.org:2,10.0.0.3/')).toEqual({
      brokers: ['one:1', 'two.example.org:2', '10.0.0.3:9092'],
      ssl: false,
    })
  })

  it('says whether to encrypt', () => {
    expect(parseKafkaUrl('kafka+ssl://kafka:9093')).toEqual({ brokers: ['kafka:9093'], ssl: true })
  })

  it('says who signs in, and how', () => {
    const [username, password] = ['ann:@/', 'p@ss:w/ rd']
    const url = `kafka+ssl://${encodeURIComponent(username)}:${encodeURIComponent(password)}@one:1,two:2`
    const signIn = (mechanism: string) => ({
      brokers: ['one:1', 'two:2'],
      ssl: true,
      sasl: { mechanism, username, password },
    })
    expect(parseKafkaUrl(url)).toEqual(signIn('scram-sha-512'))
    expect(parseKafkaUrl(`${url}/?sasl=scram-sha-256`)).toEqual(signIn('scram-sha-256'))
    expect(parseKafkaUrl(`${url}?sasl=plain`)).toEqual(signIn('plain'))
  })

  const wrong = [
    '',
    'kafka',
    'http://kafka:9092',
    'kafka://',
    'kafka://one:1,',
    'kafka://one:port',
    'kafka://one:1/path',
    'kafka://ann@one:1',
    'kafka://ann:sec@ret@one:1',
    'kafka://ann:secret@one:1?sasl=gssapi',
    'kafka://ann:secret@one:1?sasl=plain&acks=1',
  ]
  it.each(wrong)('is not %j', (url) => {
    expect(() => parseKafkaUrl(url)).toThrow(/^The Kafka URL m/)
    expect(() => parseKafkaUrl(url)).not.toThrow(/sec/)
  })
})
