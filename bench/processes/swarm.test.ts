import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createResources, type Resources } from '../../platform/lifecycle/resources.ts'
import { openBareWriter } from '../clients/bare-writer.ts'
import type { BareServer } from './bare-server.ts'
import { type Child, startChild } from './child.ts'
import type { Swarm } from './swarm.ts'

const frame = (event: object) => JSON.stringify({ id: '1', type: 'next', payload: { data: { roomEvents: event } } })
const missed = frame({ __typename: 'MessageSent', cursor: 'b' })
const caughtUp = frame({ __typename: 'CaughtUp', cursor: 'c' })

describe('a swarm of listeners', () => {
  let resources: Resources
  let swarm: Child<Swarm>
  let server: Child<BareServer>
  let url: string
  let write: (room: string, text: string) => Promise<void>

  beforeEach(async () => {
    resources = createResources()
    swarm = resources.own(startChild<Swarm>('swarm'))
    server = resources.own(startChild<BareServer>('bare-server'))
    url = await server.ask('start', [missed, missed, caughtUp])
    write = await openBareWriter(resources, url)
  })
  afterEach(() => resources.close())

  it('counts what reaches each of them, and how long it took', async () => {
    await swarm.ask('open', [{ url: `${url}/here` }, { url: `${url}/here` }, { url: `${url}/elsewhere` }])
    await write('here', '@0@ sent when the machine started')
    await swarm.ask('received', 2)
    const { frames, delays } = await swarm.ask('counts')
    expect(frames).toBe(2)
    expect(Math.min(...delays)).toBeGreaterThan(0)
    await swarm.ask('clear')
    expect(await swarm.ask('counts')).toEqual({ frames: 0, delays: [] })
  })

  it('says when more came than was sent', async () => {
    await swarm.ask('open', Array(2).fill({ url: `${url}/here` }))
    await write('here', 'once')
    await swarm.ask('received', 2)
    await expect(swarm.ask('received', 1)).rejects.toThrow('2 frames came where 1 were sent')
  })

  it('says when a listener was lost', async () => {
    await swarm.ask('open', [{ url: `${url}/here` }])
    await server.close()
    await expect(swarm.ask('received', 1)).rejects.toThrow('1 listeners were lost')
  })

  it('comes back after it was cut, and counts what it was given until it had caught up', async () => {
    const seat = { url: `${url}/crowd`, accessToken: 'any', roomId: 'crowd' }
    await swarm.ask('open', Array(3).fill(seat), 'CaughtUp')
    await swarm.ask('cut')
    const { times, replayed, retries } = await swarm.ask('resume')
    expect([times.length, replayed, retries]).toEqual([3, 6, 0])
    expect(await swarm.ask('sample')).toBe(caughtUp)
  })
})
