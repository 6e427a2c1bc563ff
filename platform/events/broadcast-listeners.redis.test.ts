import { beforeEach, describe, expect, it } from '@jest/globals'
import { createLogger } from '../logging/logger.ts'
import { type ChannelListeners, createChannelListeners } from './broadcast-listeners.redis.ts'

const logger = createLogger('test', 'silent')
const ignore = () => {}

let calls: string[]
let opened: PromiseWithResolvers<void>
let listeners: ChannelListeners
beforeEach(() => {
  calls = []
  opened = Promise.withResolvers()
  listeners = createChannelListeners({
    open(channel) {
      calls.push(`open ${channel}`)
      return opened.promise
    },
    close: (channel) => void calls.push(`close ${channel}`),
    logger,
  })
})

describe('listeners to channels', () => {
  it('open a channel for the first and close it after the last', async () => {
    opened.resolve()
    const leaveFirst = await listeners.join('a', ignore)
    const leaveSecond = await listeners.join('a', ignore)
    leaveFirst()
    expect(calls).toEqual(['open a'])
    leaveSecond()
    expect(calls).toEqual(['open a', 'close a'])
  })

  it('wait all for the channel that the first has opened', async () => {
    const joining = [listeners.join('a', ignore), listeners.join('a', ignore)]
    let joined = 0
    for (const each of joining) void each.then(() => (joined += 1))
    await new Promise(setImmediate)
    expect(joined).toBe(0)
    opened.resolve()
    await Promise.all(joining)
    expect(calls).toEqual(['open a'])
  })

  it('leave once, however often they say so, also when the channel is somebody else’s by then', async () => {
    opened.resolve()
    const leave = await listeners.join('a', ignore)
    leave()
    await listeners.join('a', ignore)
    leave()
    expect(calls).toEqual(['open a', 'close a', 'open a'])
  })

  it('hear nothing that was delivered before they came or after they left', async () => {
    opened.resolve()
    const heard: string[] = []
    listeners.deliver('a', 'before')
    const leave = await listeners.join('a', (payload) => heard.push(payload))
    listeners.deliver('a', 'now')
    listeners.deliver('b', 'elsewhere')
    leave()
    listeners.deliver('a', 'after')
    expect(heard).toEqual(['now'])
  })

  it('do not hear the payload at which another joined them, nor the one at which another made them leave', async () => {
    opened.resolve()
    const heard: string[] = []
    const leaving: (() => void)[] = []
    await listeners.join('a', () => {
      void listeners.join('a', (payload) => heard.push(`joined ${payload}`))
      for (const leave of leaving) leave()
    })
    leaving.push(await listeners.join('a', (payload) => heard.push(`left ${payload}`)))
    listeners.deliver('a', 'first')
    expect(heard).toEqual([])
  })

  it('hear although another one throws', async () => {
    opened.resolve()
    const heard: string[] = []
    await listeners.join('a', () => {
      throw new Error('not today')
    })
    await listeners.join('a', (payload) => heard.push(payload))
    listeners.deliver('a', 'hello')
    expect(heard).toEqual(['hello'])
  })
})
