import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Broadcast } from './broadcast.ts'

/** What every `Broadcast` does. `open` gives one whose channels nobody uses yet. */
export function broadcastContract(adapter: string, open: () => Promise<Broadcast>): void {
  describe(`broadcast on ${adapter}`, () => {
    let broadcast: Broadcast
    let channel: string
    beforeEach(async () => {
      broadcast = await open()
      channel = `channel-${randomUUID()}`
    })
    afterEach(() => broadcast.close())

    /** Listens, and keeps what is heard. */
    const listen = async (to = channel) => {
      const heard: string[] = []
      const leave = await broadcast.subscribe(to, (payload) => heard.push(payload))
      return { heard, leave }
    }
    /** Everything published on the channel before this call has been delivered, because one publisher's payloads keep their order. */
    const settled = async () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      const mark = randomUUID()
      const leave = await broadcast.subscribe(channel, (payload) => payload === mark && resolve())
      await broadcast.publish(channel, mark)
      await promise
      await leave()
      return mark
    }

    it('is heard by a listener from the moment its subscription resolves', async () => {
      for (let round = 0; round < 20; round += 1) {
        const each = `${channel}-${round}`
        const { promise, resolve } = Promise.withResolvers<string>()
        await broadcast.subscribe(each, resolve)
        await broadcast.publish(each, `round ${round}`)
        expect(await promise).toBe(`round ${round}`)
      }
    })

    it('is heard by every listener of the channel and by no other', async () => {
      const [one, two, other] = [await listen(), await listen(), await listen(`${channel}-other`)]
      await broadcast.publish(channel, 'Zoë 🦊\n')
      const mark = await settled()
      expect(one.heard).toEqual(['Zoë 🦊\n', mark])
      expect(two.heard).toEqual(['Zoë 🦊\n', mark])
      expect(other.heard).toEqual([])
    })

    it('keeps the order of one publisher', async () => {
      const { heard } = await listen()
      const payloads = Array.from({ length: 200 }, (_, number) => `${number}`)
      await Promise.all(payloads.map((payload) => broadcast.publish(channel, payload)))
      const mark = await settled()
      expect(heard).toEqual([...payloads, mark])
    })

    it('goes on for one listener when another leaves', async () => {
      const [stays, goes] = [await listen(), await listen()]
      await goes.leave()
      await broadcast.publish(channel, 'still here?')
      const mark = await settled()
      expect(stays.heard).toEqual(['still here?', mark])
      expect(goes.heard).toEqual([])
    })

    it('goes on for one listener when another leaves twice', async () => {
      const [stays, goes] = [await listen(), await listen()]
      await Promise.all([goes.leave(), goes.leave()])
      await goes.leave()
      const mark = await settled()
      expect(stays.heard).toEqual([mark])
    })

    it('is not heard after the end of a subscription has resolved', async () => {
      const { heard, leave } = await listen()
      await Promise.all(Array.from({ length: 20 }, () => broadcast.publish(channel, 'maybe')))
      await leave()
      const before = heard.length
      await broadcast.publish(channel, 'never')
      await settled()
      expect(heard).toHaveLength(before)
    })

    it('is heard again after everyone had left', async () => {
      const first = await listen()
      await first.leave()
      const second = await listen()
      const mark = await settled()
      expect(first.heard).toEqual([])
      expect(second.heard).toEqual([mark])
    })

    it('is heard by whoever joins while the last listener leaves', async () => {
      const first = await listen()
      const [, second] = await Promise.all([first.leave(), listen()])
      const mark = await settled()
      expect(second.heard).toEqual([mark])
    })

    it('is heard twice by a function that listens twice, and once when it has left once', async () => {
      const heard: string[] = []
      const listener = (payload: string) => heard.push(payload)
      const leave = await broadcast.subscribe(channel, listener)
      await broadcast.subscribe(channel, listener)
      const twice = await settled()
      await leave()
      const once = await settled()
      expect(heard).toEqual([twice, twice, once])
    })

    it('is heard by the others when a listener throws', async () => {
      await broadcast.subscribe(channel, () => {
        throw new Error('not today')
      })
      const { heard } = await listen()
      await broadcast.publish(channel, 'first')
      const mark = await settled()
      expect(heard).toEqual(['first', mark])
    })

    it('is heard by the others when a listener leaves while it hears', async () => {
      const left = Promise.withResolvers<void>()
      const leave = await broadcast.subscribe(channel, () => void leave().then(left.resolve))
      const { heard } = await listen()
      await broadcast.publish(channel, 'first')
      await left.promise
      const mark = await settled()
      expect(heard).toEqual(['first', mark])
    })

    it('drops what nobody listens to', async () => {
      await broadcast.publish(channel, 'into the void')
      const { heard } = await listen()
      const mark = await settled()
      expect(heard).toEqual([mark])
    })

    it('closes twice, also with listeners', async () => {
      const { leave } = await listen()
      const stop = broadcast.onConnection(() => {})
      await broadcast.close()
      await broadcast.close()
      await leave()
      stop()
    })
  })
}
