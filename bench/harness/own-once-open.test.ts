import { describe, expect, it } from '@jest/globals'
import { createResources } from '../../platform/lifecycle/resources.ts'
import { ownOnceOpen } from './own-once-open.ts'

/** Resources with something under it that is being opened; `closed` tells what was closed, in order. */
function begin() {
  const resources = createResources()
  const closed: string[] = []
  resources.onClose(() => void closed.push('what was there before'))
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const opened = ownOnceOpen(resources, promise, async (part) => closed.push(part))
  return { resources, closed, opened, resolve, reject }
}

describe('what is being opened', () => {
  it('is closed with the rest once it is open', async () => {
    const { resources, closed, opened, resolve } = begin()
    resolve('a part')
    expect(await opened).toBe('a part')
    await resources.close()
    expect(closed).toEqual(['a part', 'what was there before'])
  })

  it('is waited for when the rest closes meanwhile, and is given to nobody', async () => {
    const { resources, closed, opened, resolve } = begin()
    const closing = resources.close()
    resolve('a part')
    await expect(opened).rejects.toThrow('being closed')
    await closing
    expect(closed).toEqual(['a part', 'what was there before'])
  })

  it('does not keep the rest from closing when it fails', async () => {
    const { resources, closed, opened, reject } = begin()
    const closing = resources.close()
    reject(new Error('It did not open'))
    await expect(opened).rejects.toThrow('It did not open')
    await closing
    expect(closed).toEqual(['what was there before'])
  })
})
