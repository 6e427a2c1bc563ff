import { readFile } from 'node:fs/promises'
import { beforeAll, expect, it } from '@jest/globals'
import { parse } from 'graphql'
import { createGraph, type Graph } from './graph.ts'

let sdl: string
let graph: Graph

beforeAll(async () => {
  sdl = await readFile(new URL('../../schema/supergraph.graphql', import.meta.url), 'utf8')
  graph = createGraph(sdl)
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

it('knows what can be resumed and what depends on the viewer', () => {
  const { marks } = graph
  expect(marks.cursorArgumentOf('roomEvents')).toBe('after')
  expect(marks.cursorArgumentOf('others')).toBeUndefined()
  expect(marks.isViewerDependent('Room', 'viewerMembership')).toBe(true)
  expect(marks.isViewerDependent('Room', 'name')).toBe(false)
  expect(marks.isIdempotent('sendMessage')).toBe(true)
  expect(marks.isIdempotent('editMessage')).toBe(false)
})
