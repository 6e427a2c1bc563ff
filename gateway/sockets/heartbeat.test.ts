import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { createHeartbeat, type Heartbeat } from './heartbeat.ts'

const period = 15_000
const turn = period / 15

describe('a heartbeat', () => {
  let heartbeat: Heartbeat
  beforeEach(() => {
    jest.useFakeTimers()
    heartbeat = createHeartbeat(period)
  })
  afterEach(() => {
    heartbeat.stop()
    expect(jest.getTimerCount()).toBe(0)
    jest.useRealTimers()
  })

  /** A socket whose peer answers pings or not. */
  const add = (answers: boolean) => {
    const peer = { answers, pings: 0, cut: false }
    const socket = {
      state: 'open',
      isOpen: () => socket.state === 'open',
      ping() {
        peer.pings += 1
        if (peer.answers) heartbeat.answered(socket)
      },
      cut() {
        peer.cut = true
        heartbeat.remove(socket)
      },
    }
    heartbeat.add(socket)
    return { peer, socket }
  }

  it('pings every socket once in a period, and not all of them in the same instant', () => {
    const peers = Array.from({ length: 150 }, () => add(true).peer)
    const pings = () => peers.reduce((sum, peer) => sum + peer.pings, 0)
    for (let turns = 1; turns <= 15; turns += 1) {
      jest.advanceTimersByTime(turn)
      expect(pings()).toBe(turns * 10)
    }
    expect(peers.every((peer) => peer.pings === 1)).toBe(true)
  })

  it('cuts a socket that has not answered until the next ping, and no other', () => {
    const [lives, dies] = [add(true).peer, add(false).peer]
    jest.advanceTimersByTime(period)
    expect([dies.pings, dies.cut]).toEqual([1, false])
    jest.advanceTimersByTime(period)
    expect([dies.cut, lives.cut, lives.pings]).toEqual([true, false, 2])
  })

  it('leaves alone what was removed, and does not ping what is closing', () => {
    const [gone, closing] = [add(false), add(false)]
    heartbeat.remove(gone.socket)
    closing.socket.state = 'closing'
    jest.advanceTimersByTime(3 * period)
    expect([gone.peer, closing.peer]).toEqual([
      { answers: false, pings: 0, cut: false },
      { answers: false, pings: 0, cut: false },
    ])
  })
})
