import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { startProcess } from '../process.ts'

describe('a start that cannot be', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-start-'))
    await writeFile(join(folder, 'file'), '')
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const start = (environment: Record<string, string>, args?: string[]) =>
    startProcess(join(folder, 'data'), { DATA_DIR: join(folder, environment.DATA_DIR ?? 'data'), ...environment }, args)

  it.each([
    ['a port that is none', { PORT: '70000' }, 'PORT must be between 0 and 65535'],
    ['an address that is none', { HOST: '999.1.1.1' }, 'HOST 999.1.1.1 is not an address of this machine'],
    ['an address of another machine', { HOST: '192.0.2.1' }, 'HOST 192.0.2.1 is not an address of this machine'],
    ['an origin that is none', { ALLOWED_ORIGINS: 'https://a.example,b' }, 'ALLOWED_ORIGINS must be origins'],
    ['production', { NODE_ENV: 'production' }, 'NODE_ENV must not be production'],
  ])('names %s', async (_, environment, message) => {
    const failure = start(environment)
    await expect(failure).rejects.toThrow(message)
    await expect(failure).rejects.not.toThrow('    at ')
  })

  it.each(['file', 'file/below'])('names a DATA_DIR that cannot be a folder: %s', async (path) => {
    const failure = startProcess(join(folder, path))
    await expect(failure).rejects.toThrow(/DATA_DIR .* cannot be used/)
    await expect(failure).rejects.not.toThrow('    at ')
  })

  it('answers an option that it does not know with its help', async () => {
    const failure = start({}, ['--bogus'])
    await expect(failure).rejects.toThrow('--bogus')
    await expect(failure).rejects.toThrow('DATA_DIR')
  })
})
