import { readFile } from 'node:fs/promises'
import { beforeAll, expect, it } from '@jest/globals'
import { parse } from 'graphql'
import { createGraph, type Graph } from './graph.ts'

let sdl: string
let graph: Graph
const none = { process: async () => ({ data: {} }) }

beforeAll(async () => {
  sdl = await readFile(new URL('../schema/supergraph.graphql', import.meta.url), 'utf8')
  graph = createGraph(sdl, { auth: none, profile: none, chat: none })
})

it('keeps the plan of an operation: by its text and name, not by its document', () => {
  const text = 'query A { __typename me { id } } query B { rooms { __typename } }'
  const plan = graph.plan(parse(text), 'A')
  expect(graph.plan(parse(text), 'A')).toBe(plan)
  expect(graph.plan(parse(text), 'B')).not.toBe(plan)
  expect(graph.plan(parse(`${text} `), 'A')).not.toBe(plan)
})

it('plans a subscription as its own stream and the rest', () => {
  const sender =
    'subscription { roomEvents(roomId: "r") { ... on MessageSent { message { sender { displayName } } } } }'
  const { node } = graph.plan(parse(sender), undefined)
  expect(node).toMatchObject({ kind: 'Subscription', primary: { serviceName: 'chat' }, rest: expect.anything() })
})

it('shows clients nothing of how it is put together', () => {
  const fields = graph.schema.getQueryType()?.getFields() ?? {}
  expect(Object.keys(fields)).toEqual(expect.arrayContaining(['me', 'rooms']))
  expect(Object.keys(fields)).not.toEqual(expect.arrayContaining(['_service', '_entities']))
  expect(graph.schema.getType('join__Graph')).toBeUndefined()
})
