import { describe, expect, it } from '@jest/globals'
import { createReplicas } from './replicas.ts'

describe('replicas', () => {
  it('are taken in turn', () => {
    const replicas = createReplicas(['a', 'b', 'c'])
    const taken = Array.from({ length: 6 }, () => replicas.next().part)
    expect(taken.slice(0, 3).toSorted()).toEqual(['a', 'b', 'c'])
    expect(taken.slice(3)).toEqual(taken.slice(0, 3))
  })

  it('are left out while they rest, and taken again after', () => {
    let now = 0
    const replicas = createReplicas(['a', 'b'], () => now)
    const tired = replicas.next()
    tired.rest()
    const others = Array.from({ length: 4 }, () => replicas.next().part)
    expect(others).not.toContain(tired.part)
    now = 3_000
    expect([replicas.next().part, replicas.next().part].toSorted()).toEqual(['a', 'b'])
  })

  it('are taken all the same when every one rests, the one that has rested longest first', () => {
    let now = 0
    const replicas = createReplicas(['a', 'b'], () => now)
    const first = replicas.next()
    first.rest()
    now = 1_500
    replicas.next().rest()
    expect(replicas.next().part).toBe(first.part)
  })
})
