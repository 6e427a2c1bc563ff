import { beforeEach, describe, expect, it } from '@jest/globals'
import {
  buildSchema,
  GraphQLError,
  type GraphQLFormattedError,
  getVariableValues,
  type OperationDefinitionNode,
  parse,
  validate,
} from 'graphql'
import { badInput, unavailable } from '../errors/app-error.ts'
import { createErrorReply, type ErrorReply, replyTo } from './error-reply.ts'

const schema = buildSchema(`
  enum Kind { OPEN CLOSED }
  input In { text: String, ids: [Int!]! }
  type Query { a(text: String, kind: Kind, input: In): String }
`)
const secret = "connect ECONNREFUSED 10.0.0.7:3306 SELECT * FROM users WHERE password_hash = 'x'"
let logged: { err: unknown; requestId: string }[]
let reply: ErrorReply
beforeEach(() => {
  logged = []
  const quiet = () => {}
  const error = (details: { err: unknown; requestId: string }) => void logged.push(details)
  reply = createErrorReply({ debug: quiet, info: quiet, warn: quiet, error: error as typeof quiet })
})

/** The error as graphql-js has it when a resolver at `path` throws. */
const thrownAt = (cause: Error, path: string[] | undefined = ['me']) =>
  new GraphQLError(cause.message, { path, originalError: cause })
const answer = (error: GraphQLError): GraphQLFormattedError => reply(error.toJSON(), error)

describe('an error reply', () => {
  it('does not repeat a long alias in its path', () => {
    const alias = `start${'a'.repeat(16_000)}end`
    for (const cause of [badInput('name', 'is too long'), unavailable('Away.'), new Error(secret)]) {
      const { path } = answer(thrownAt(cause, ['me', alias, 'name']))
      expect(path).toEqual(['me', expect.stringMatching(/^starta{100,}…a{50,}end$/), 'name'])
      expect(String(path?.[1]).length).toBeLessThanOrEqual(200)
    }
  })

  it('shows errors that are meant for the client as they are', () => {
    expect(answer(thrownAt(badInput('name', 'is too long')))).toEqual({
      message: 'name: is too long',
      path: ['me'],
      extensions: { code: 'BAD_USER_INPUT', field: 'name' },
    })
    expect(answer(thrownAt(unavailable('Later.', 3)))).toMatchObject({
      extensions: { code: 'UNAVAILABLE', retryAfter: 3 },
    })
    expect(logged).toEqual([])
  })

  it.each([
    ['($after: String)', { after: 5 }, 'Variable "$after": String cannot represent a non string value', 'after'],
    [
      '($input: In)',
      { input: { text: 5, ids: [1] } },
      'Variable "$input" at "input.text": String cannot represent a non string value',
      'input.text',
    ],
    [
      '($input: In)',
      { input: { text: '; Field "x" at "input.y"; secret' } },
      'Variable "$input": Field "ids" of required type "[Int!]!" was not provided.',
      'input',
    ],
    [
      '($input: In)',
      { input: { text: 'secret', ids: [1, 'secret'] } },
      'Variable "$input" at "input.ids[1]": Int cannot represent non-integer value',
      'input.ids[1]',
    ],
    ['($kind: Kind)', { kind: 'secret' }, 'Variable "$kind": The value does not exist in the enum "Kind".', 'kind'],
    ['($kind: Kind)', { kind: ['secret'] }, 'Variable "$kind": Enum "Kind" cannot represent non-string value', 'kind'],
    ['($id: Int!)', {}, 'Variable "$id" of required type "Int!" was not provided.', 'id'],
  ])(
    'names the variable that is wrong and the rule, and not the value: %s %j',
    (definitions, given, message, field) => {
      const operation = parse(`query ${definitions} { a }`).definitions[0] as OperationDefinitionNode
      const { errors = [] } = getVariableValues(schema, operation.variableDefinitions ?? [], given)
      const told = answer(errors[0] as GraphQLError)
      expect(told).toMatchObject({ message, extensions: { code: 'BAD_USER_INPUT', field } })
    },
  )

  it.each([
    ['{ a(text: 5) }', 'String cannot represent a non string value'],
    ['{ a(kind: "secret") }', 'Enum "Kind" cannot represent non-enum value'],
    ['{ a(kind: SECRET) }', 'The value does not exist in the enum "Kind".'],
    ['{ a(input: "secret") }', 'Expected a value of type "In".'],
    ['{ a(text: "secret" "secret") }', 'Syntax Error: Expected Name, found String.'],
    ['{ zzz }', 'Cannot query field "zzz" on type "Query".'],
  ])('repeats no value of a document: %s', (query, message) => {
    const problem = () => {
      try {
        return validate(schema, parse(query))[0]
      } catch (error) {
        return error
      }
    }
    expect(answer(problem() as GraphQLError)).toMatchObject({ message, extensions: { code: 'BAD_USER_INPUT' } })
  })

  it('finds them however deep they are wrapped', () => {
    expect(answer(thrownAt(thrownAt(badInput('name', 'no')))).extensions).toEqual({
      code: 'BAD_USER_INPUT',
      field: 'name',
    })
  })

  it('masks everything else, and logs it once with the id that the client gets', () => {
    const cause = new Error(secret)
    const masked = answer(thrownAt(cause))
    expect(masked).toEqual({
      message: `Something went wrong. Request id: ${masked.extensions?.requestId}`,
      path: ['me'],
      extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    })
    expect(JSON.stringify(masked)).not.toContain('10.0.0.7')
    expect(logged).toEqual([{ err: cause, requestId: masked.extensions?.requestId }])
  })

  it('masks what carries details of its own', () => {
    const cause = Object.assign(new Error(secret), { code: 'ER_DUP_ENTRY', extensions: { sql: secret } })
    expect(JSON.stringify(answer(thrownAt(cause)))).not.toContain('SELECT')
    const masked = answer(
      new GraphQLError(secret, { path: ['me'], extensions: { code: 'WHO_KNOWS', stacktrace: [secret] } }),
    )
    expect(masked.extensions?.code).toBe('INTERNAL_SERVER_ERROR')
    expect(JSON.stringify(masked)).not.toContain('SELECT')
  })

  it('passes on what a subgraph has made fit for the client, and nothing more', () => {
    const error = new GraphQLError('Sign in first.', {
      path: ['me'],
      extensions: { code: 'UNAUTHENTICATED', serviceName: 'profile', stacktrace: [secret] },
    })
    expect(answer(error)).toEqual({ message: 'Sign in first.', path: ['me'], extensions: { code: 'UNAUTHENTICATED' } })
  })

  it('keeps the request id of an error that a subgraph has masked, and does not log it again', () => {
    const error = new GraphQLError('Something went wrong.', {
      path: ['me'],
      extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'abc' },
    })
    expect(answer(error).extensions).toEqual({ code: 'INTERNAL_SERVER_ERROR', requestId: 'abc' })
    expect(logged).toEqual([])
  })

  it('answers a bad document with what is wrong with it', () => {
    const syntax = new GraphQLError('Syntax Error: Unexpected Name "x".', {
      extensions: { code: 'GRAPHQL_PARSE_FAILED' },
    })
    expect(answer(syntax)).toEqual({ message: syntax.message, extensions: { code: 'BAD_USER_INPUT' } })
  })

  it('serves errors outside Apollo Server alike', () => {
    expect(replyTo(reply, thrownAt(badInput('name', 'no'))).extensions).toEqual({
      code: 'BAD_USER_INPUT',
      field: 'name',
    })
    expect(replyTo(reply, badInput('name', 'no')).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'name' })
    expect(replyTo(reply, new Error(secret)).extensions?.code).toBe('INTERNAL_SERVER_ERROR')
  })
})
