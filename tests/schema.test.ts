import { readFile } from 'node:fs/promises'
import { generate } from '@graphql-codegen/cli'
import { describe, expect, it } from '@jest/globals'
import {
  buildSchema,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  print,
} from 'graphql'
import codegen from '../codegen.ts'
import { staleSchemas } from '../schema/publish.ts'

describe('the published schemas', () => {
  it('are what the subgraphs’ SDL gives: otherwise run "npm run schema"', async () => {
    expect(await staleSchemas()).toEqual([])
  })

  it('describe every type, field and enum value', async () => {
    expect(undescribed(buildSchema(await readFile('schema/api.graphql', 'utf8')))).toEqual([])
  })

  it('tell the gateway what can be resumed and what depends on the viewer, and clients nothing of it', async () => {
    const supergraph = buildSchema(await readFile('schema/supergraph.graphql', 'utf8'), { assumeValidSDL: true })
    expect(marked(supergraph, 'resumable')).toEqual({
      'Subscription.roomEvents': '@resumable(cursorArgument: "after")',
    })
    expect(
      supergraph
        .getSubscriptionType()
        ?.getFields()
        .roomEvents?.args.map(({ name }) => name),
    ).toContain('after')
    expect(Object.keys(marked(supergraph, 'viewerDependent'))).toEqual([
      'Room.members',
      'Room.messages',
      'Room.viewerMembership',
      'Room.unreadCount',
      'Room.lastMessage',
      'User.preferences',
    ])
    expect(Object.keys(marked(supergraph, 'idempotent'))).toEqual([
      'Mutation.sendMessage',
      'Mutation.deleteMessage',
      'Mutation.markRead',
    ])
    expect(await readFile('schema/api.graphql', 'utf8')).not.toMatch(/@?(resumable|viewerDependent|idempotent)/i)
  })

  it('say of every mutation what it costs: it writes, and others are told', async () => {
    const supergraph = buildSchema(await readFile('schema/supergraph.graphql', 'utf8'), { assumeValidSDL: true })
    const weighted = marked(supergraph, 'cost')
    const weights = Object.keys(supergraph.getMutationType()?.getFields() ?? {}).map((name) => ({
      name,
      weight: Number(/weight: (\d+)/.exec(weighted[`Mutation.${name}`] ?? '')?.[1]),
    }))
    expect(weights.length).toBeGreaterThan(10)
    expect(weights.filter(({ weight }) => !(weight >= 200))).toEqual([])
  })

  it('say of every list how long it may be, so that the gateway knows what it costs', async () => {
    const supergraph = buildSchema(await readFile('schema/supergraph.graphql', 'utf8'), { assumeValidSDL: true })
    const sized = Object.values(marked(supergraph, 'listSize')).flatMap(
      (mark) => /sizedFields: \["(.+)"\]/.exec(mark)?.[1],
    )
    const lists = Object.values(supergraph.getTypeMap()).flatMap((type) =>
      Object.values(isObjectType(type) ? type.getFields() : {})
        .filter((field) => !type.name.startsWith('__') && String(field.type).includes('['))
        .map(({ name }) => ({ name, coordinate: `${type.name}.${name}` })),
    )
    const known = Object.keys(marked(supergraph, 'listSize'))
    expect(lists.length).toBeGreaterThan(3)
    expect(lists.filter(({ name, coordinate }) => !known.includes(coordinate) && !sized.includes(name))).toEqual([])
  })

  it('would be found out without a description', () => {
    const bare = buildSchema(`
      type Query { "A" a: B }
      "B" enum B { C }
      "I" input I { i: Int }
      interface F { f(n: Int): Int }`)
    expect(undescribed(bare)).toEqual(['Query', 'B.C', 'I.i', 'F', 'F.f'])
  })
})

describe('the generated types', () => {
  it('are what the schemas give: otherwise run "npm run codegen"', async () => {
    const outputs: { filename: string; content: string }[] = await generate({ ...codegen, silent: true }, false)
    const stale: string[] = []
    for (const { filename, content } of outputs) {
      const current = await readFile(filename, 'utf8').catch(() => undefined)
      if (current !== content) stale.push(filename)
    }
    expect(outputs.length).toBeGreaterThan(3)
    expect(stale).toEqual([])
  })
})

/** The fields that carry a directive, and with what arguments. */
const marked = (schema: GraphQLSchema, directive: string): Record<string, string> =>
  Object.fromEntries(
    Object.values(schema.getTypeMap()).flatMap((type) =>
      Object.values(isObjectType(type) ? type.getFields() : {}).flatMap(({ name, astNode }) =>
        (astNode?.directives ?? [])
          .filter((each) => each.name.value === directive)
          .map((each) => [`${type.name}.${name}`, print(each)]),
      ),
    ),
  )

/** The names of what has no description. */
function undescribed(schema: GraphQLSchema): string[] {
  const types = Object.values(schema.getTypeMap()).filter(({ name, astNode }) => astNode && !name.startsWith('__'))
  return types.flatMap((type) => {
    const members =
      isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)
        ? Object.values(type.getFields())
        : isEnumType(type)
          ? type.getValues()
          : []
    const missing = members.filter(({ description }) => !description).map(({ name }) => `${type.name}.${name}`)
    return type.description ? missing : [type.name, ...missing]
  })
}
