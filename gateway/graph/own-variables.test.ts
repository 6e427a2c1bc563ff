import { describe, expect, it } from '@jest/globals'
import { parse, print } from 'graphql'
import { withOwnVariables } from './own-variables.ts'

const printed = (query: string) => {
  const own = withOwnVariables(parse(query))
  return own && print(own.document).replace(/\s+/g, ' ')
}

describe('variables of an operation', () => {
  it('keep names that mean nothing to others', () => {
    expect(printed('query ($a: Int, $representation: Int) { f(x: $a, representations: $representation) }')).toBe(
      undefined,
    )
  })

  it('get another name wherever they are used, which no other variable has', () => {
    expect(
      printed(
        'query ($representations: Int = 1, $representations_1: Int) { f(x: [$representations], y: $representations_1) ...F } fragment F on Query { g(x: { y: $representations }) @skip(if: $representations) }',
      ),
    ).toBe(
      'query ($representations_2: Int = 1, $representations_1: Int) { f(x: [$representations_2], y: $representations_1) ...F } fragment F on Query { g(x: {y: $representations_2}) @skip(if: $representations_2) }',
    )
  })

  it.each(['constructor', 'toString', 'hasOwnProperty', 'valueOf'])('are not called %s', (name) => {
    expect(printed(`query ($${name}: Int) { f(x: $${name}) }`)).toBe(`query ($${name}_1: Int) { f(x: $${name}_1) }`)
  })

  it('have their values under those names, and only those that were given', () => {
    const own = withOwnVariables(parse('query ($representations: Int, $toString: Int, $a: Int) { f }'))
    expect(own?.variablesOf({ representations: 1, a: 2 })).toEqual({ representations_1: 1, a: 2 })
  })
})
