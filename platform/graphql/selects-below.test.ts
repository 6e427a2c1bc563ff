import { expect, it } from '@jest/globals'
import { type FieldNode, type FragmentDefinitionNode, getOperationAST, Kind, parse } from 'graphql'
import { selectsBelow } from './selects-below.ts'

/** What a resolver of the operation's first field is told. */
function infoOf(text: string) {
  const document = parse(text)
  const fragments = Object.fromEntries(
    document.definitions
      .filter((definition): definition is FragmentDefinitionNode => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((definition) => [definition.name.value, definition]),
  )
  const fieldNodes = getOperationAST(document)?.selectionSet.selections as FieldNode[]
  return { fieldNodes, fragments }
}

it.each([
  ['a field right below', '{ room { text } }'],
  ['one that has an alias', '{ room { a: text } }'],
  ['one far below', '{ room { edges { node { text } } } }'],
  ['one in an inline fragment', '{ room { ... on Room { text } } }'],
  ['one in a fragment in a fragment', '{ room { ...a } } fragment a on Room { ...b } fragment b on Room { text }'],
  ['one that is skipped', '{ room { text @skip(if: true) } }'],
  ['one of another node of the same field', '{ room { id } room { text } }'],
])('finds %s', (_, text) => {
  expect(selectsBelow(infoOf(text), 'text')).toBe(true)
})

it.each([
  ['nothing of that name', '{ room { id } }'],
  ['an alias of that name', '{ room { text: id } }'],
  ['the field itself', '{ text { id } }'],
  ['fragments that circle', '{ room { ...a } } fragment a on Room { ...b } fragment b on Room { ...a }'],
  ['a fragment that is not there', '{ room { ...a } }'],
])('does not take for it %s', (_, text) => {
  expect(selectsBelow(infoOf(text), 'text')).toBe(false)
})
