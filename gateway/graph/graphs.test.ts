import { composeServices } from '@apollo/composition'
import { expect, it } from '@jest/globals'
import { parse } from 'graphql'
import { createLogger } from '../../platform/logging/logger.ts'
import { createGraphs } from './graphs.ts'

const logger = createLogger('test', 'silent')
const source = { process: async () => ({ data: {} }) }
const compose = (subgraphs: Record<string, string>): string => {
  const services = Object.entries(subgraphs).map(([name, sdl]) => ({ name, url: '', typeDefs: parse(sdl) }))
  const { supergraphSdl } = composeServices(services)
  if (!supergraphSdl) throw new Error('It does not compose')
  return supergraphSdl
}
const one = compose({ a: 'type Query { old: Int }' })
const two = compose({ a: 'type Query { new: Int }' })
const fieldsOf = (graphs: ReturnType<typeof createGraphs>) =>
  Object.keys(graphs.current().schema.getQueryType()?.getFields() ?? {})

it('serves a new supergraph, and tells who asked to be told', () => {
  const graphs = createGraphs({ supergraphSdl: one, dataSources: { a: source }, logger })
  const told: string[][] = []
  const stop = graphs.onChange(() => told.push(fieldsOf(graphs)))
  graphs.replace(two)
  expect(told).toEqual([['new']])
  graphs.replace(two)
  stop()
  graphs.replace(one)
  expect(told).toHaveLength(1)
  expect(fieldsOf(graphs)).toEqual(['old'])
})

it('keeps the one it has when the new one cannot be served', () => {
  const graphs = createGraphs({ supergraphSdl: one, dataSources: { a: source }, logger })
  graphs.replace('type Query {')
  graphs.replace(compose({ a: 'type Query { new: Int }', unheardOf: 'type Query { more: Int }' }))
  expect(fieldsOf(graphs)).toEqual(['old'])
  expect(() => createGraphs({ supergraphSdl: one, dataSources: {}, logger })).toThrow('"a"')
})
