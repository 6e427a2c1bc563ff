import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { buildSchema, type GraphQLSchema } from 'graphql'
import { type AbuseReport, checkAbuse } from '../abuse/check-abuse.ts'
import { problemsIn } from '../abuse/verdict.ts'

describe('an adversary who keeps to the limits of a single operation', () => {
  let schema: GraphQLSchema
  let report: AbuseReport
  beforeAll(async () => {
    schema = buildSchema(await readFile('schema/api.graphql', 'utf8'))
    const world = { rooms: 60, fullRooms: 2 }
    report = await checkAbuse({ seed: 11, operations: 150, floodSeconds: 0, world, schema, say: () => {} })
  }, 240_000)

  it('finds no operation that costs more than 250 ms of processor time or 32 MB, over HTTP or WebSocket', () => {
    expect(problemsIn(report)).toEqual([])
  })

  it('had some operations answered and others refused, or it would have shown nothing', () => {
    const { endings } = report.search
    expect(endings['200'] ?? 0).toBeGreaterThan(10)
    expect(endings.next ?? 0).toBeGreaterThan(10)
    expect(endings['400'] ?? 0).toBeGreaterThan(5)
  })
})
