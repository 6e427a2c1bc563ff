import { beforeEach, describe, expect, it } from '@jest/globals'
import { createResources, type Resources } from './resources.ts'

let closed: string[]
let resources: Resources
beforeEach(() => {
  closed = []
  resources = createResources()
})

const part = (name: string) => ({
  name,
  async close() {
    await new Promise(setImmediate)
    closed.push(name)
  },
})

describe('resources', () => {
  it('gives back the part that it owns', () => {
    expect(resources.own(part('store')).name).toBe('store')
  })

  it('closes in the reverse order of opening, one after the other', async () => {
    resources.own(part('store'))
    resources.onClose(() => void closed.push('timer'))
    resources.own(part('server'))
    await resources.close()
    expect(closed).toEqual(['server', 'timer', 'store'])
  })

  it('closes once, however often it is asked', async () => {
    resources.own(part('store'))
    await Promise.all([resources.close(), resources.close()])
    await resources.close()
    expect(closed).toEqual(['store'])
  })

  it('closes the rest when a part fails to close, and tells the first failure', async () => {
    resources.own(part('store'))
    resources.onClose(() => Promise.reject(new Error('second')))
    resources.onClose(() => {
      throw new Error('first')
    })
    await expect(resources.close()).rejects.toThrow('first')
    expect(closed).toEqual(['store'])
  })

  it('does not wait for ever for a part that does not close', async () => {
    const impatient = createResources({ deadline: 1 })
    impatient.own(part('store'))
    impatient.onClose(() => new Promise(() => {}))
    await expect(impatient.close()).rejects.toThrow('did not close within 1 ms')
    expect(closed).toEqual(['store'])
  })

  it('waits for a part as long as that may take by its own account', async () => {
    const impatient = createResources({ deadline: 1 })
    const slow = async () => {
      await new Promise((resolve) => setTimeout(resolve, 50))
      closed.push('sockets')
    }
    impatient.onClose(slow, 60_000)
    await impatient.close()
    expect(closed).toEqual(['sockets'])
  })
})

describe('opening', () => {
  it('closes what was open when a later part throws, and throws on', async () => {
    const opening = resources.closeIfThrows(async () => {
      resources.own(part('store'))
      resources.onClose(() => Promise.reject(new Error('not this one')))
      throw new Error('no port')
    })
    await expect(opening).rejects.toThrow('no port')
    expect(closed).toEqual(['store'])
  })

  it('closes nothing when all goes well', async () => {
    const url = await resources.closeIfThrows(async () => {
      resources.own(part('store'))
      return 'http://here'
    })
    expect(url).toBe('http://here')
    expect(closed).toEqual([])
  })
})
