import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client'
import { CombinedGraphQLErrors } from '@apollo/client/errors'
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Client, fetchExchange } from '@urql/core'
import { auditServer } from 'graphql-http'
import type { Network } from '../../dev/network.ts'
import { type Person, signUp } from '../clients.ts'
import { startSystem } from '../system.ts'

const me = '{ me { displayName } }'
const answer = { me: { displayName: 'Ann' } }
/** By the code that each is refused with. */
const refused = {
  BAD_USER_INPUT: `{ ${Array.from({ length: 40 }, (_, i) => `a${i}: me { id }`).join(' ')} }`,
  UNAUTHENTICATED: me,
}
const badToken = { authorization: 'Bearer a.b.c' }

describe('a client', () => {
  let system: Network
  let ann: Person
  let url: string
  beforeAll(async () => {
    system = await startSystem()
    url = `${system.url}/graphql`
    ann = await signUp(system.url, 'Ann')
  })
  afterAll(() => system.stop())

  describe('of Apollo', () => {
    const client = (headers: Record<string, string>, more?: ApolloLink) => {
      const http = new HttpLink({ uri: url, headers })
      return new ApolloClient({ link: more ? ApolloLink.from([more, http]) : http, cache: new InMemoryCache() })
    }

    it('reads answers, and the codes of refusals, whether or not it takes plain JSON as well', async () => {
      for (const accept of [{}, { accept: 'application/graphql-response+json' }] as Record<string, string>[]) {
        const { data } = await client({ ...ann.headers, ...accept }).query({ query: gql(me) })
        expect(data).toMatchObject(answer)
        for (const [code, query] of Object.entries(refused)) {
          const headers = code === 'UNAUTHENTICATED' ? badToken : ann.headers
          const failure = await client({ ...headers, ...accept })
            .query({ query: gql(query) })
            .catch((error: unknown) => error)
          expect(failure).toBeInstanceOf(CombinedGraphQLErrors)
          expect((failure as CombinedGraphQLErrors).errors).toMatchObject([{ extensions: { code } }])
        }
      }
    })

    it('with persisted queries goes over to whole ones', async () => {
      const sha256 = async (text: string) => Buffer.from(text).toString('hex').padEnd(64, '0').slice(0, 64)
      for (const useGETForHashedQueries of [false, true]) {
        const link = new PersistedQueryLink({ sha256, useGETForHashedQueries })
        const { data } = await client(ann.headers, link).query({ query: gql(me) })
        expect(data).toMatchObject(answer)
      }
    })
  })

  describe('of urql', () => {
    const methods: string[] = []
    const client = (headers: Record<string, string>, preferGetMethod?: boolean) =>
      new Client({
        url,
        exchanges: [fetchExchange],
        fetchOptions: { headers },
        ...(preferGetMethod !== undefined && { preferGetMethod }),
        fetch: (input, init) => {
          methods.push(init?.method ?? 'GET')
          return fetch(input, init)
        },
      })

    it('asks by GET as it does by itself, and by POST', async () => {
      for (const preferGetMethod of [undefined, true, false]) {
        const { data, error } = await client(ann.headers, preferGetMethod).query(me, {}).toPromise()
        expect([data, error]).toEqual([answer, undefined])
      }
      expect(methods).toEqual(['GET', 'GET', 'POST'])
    })

    it('reads the codes of refusals, and makes changes', async () => {
      for (const [code, query] of Object.entries(refused)) {
        for (const preferGetMethod of [true, false]) {
          const headers = code === 'UNAUTHENTICATED' ? badToken : ann.headers
          const { error } = await client(headers, preferGetMethod).query(query, {}).toPromise()
          expect(error?.graphQLErrors).toMatchObject([{ extensions: { code } }])
        }
      }
      const rename = 'mutation { updateProfile(input: { displayName: "Ann" }) { displayName } }'
      const { data } = await client(ann.headers).mutation(rename, {}).toPromise()
      expect(data).toEqual({ updateProfile: { displayName: 'Ann' } })
    })
  })

  it.each([
    ['of Relay', { 'content-type': 'application/json' }],
    [
      'graphql-request',
      { 'content-type': 'application/json', accept: 'application/graphql-response+json, application/json' },
    ],
    [
      'Apollo Kotlin',
      {
        'content-type': 'application/json',
        accept: 'multipart/mixed;deferSpec=20220824, application/graphql-response+json, application/json',
      },
    ],
    ['Python’s gql', { 'content-type': 'application/json', accept: '*/*', 'accept-encoding': 'gzip, deflate, br' }],
    ['curl', { 'content-type': 'application/json', accept: '*/*', 'user-agent': 'curl/8.5.0' }],
  ])('that asks as %s does is answered', async (_, headers: Record<string, string>) => {
    const body = JSON.stringify({ query: `query Me ${me}`, operationName: 'Me', variables: {}, extensions: {} })
    const response = await fetch(url, { method: 'POST', headers: { ...headers, ...ann.headers }, body })
    expect([response.status, await response.json()]).toEqual([200, { data: answer }])
    const nulls = JSON.stringify({ query: me, operationName: null, variables: null, extensions: null })
    const again = await fetch(url, { method: 'POST', headers: { ...headers, ...ann.headers }, body: nulls })
    expect(again.status).toBe(200)
  })

  it('finds a server that passes the audit of the GraphQL-over-HTTP working group', async () => {
    const results = await auditServer({ url })
    expect(results.length).toBeGreaterThan(50)
    const missed = results.filter(({ status }) => status !== 'ok').map(({ name }) => name)
    for (const name of missed) {
      // Refusals have the same status in either media type, so that proxies and people see them; the specification leaves that open.
      const isStatus =
        /^SHOULD use (a status code of )?200 (status code )?on .* when accepting application\/json$/.test(name)
      // The audit sends no header that a page of another site could not send.
      const isSimpleGet = /^MAY .* GET/.test(name)
      expect({ name, isKnown: isStatus || isSimpleGet }).toEqual({ name, isKnown: true })
    }
  })
})
