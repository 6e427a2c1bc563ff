import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { openEmbeddedTarget } from './embedded-target.ts'

it('leaves nothing behind when its process does not start', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'parley-test-'))
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  try {
    await expect(openEmbeddedTarget({ port, parent })).rejects.toThrow('process did not start')
    expect(await readdir(parent)).toEqual([])
  } finally {
    other.close()
    await rm(parent, { recursive: true })
  }
})
