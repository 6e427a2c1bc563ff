import { describe, expect, it } from '@jest/globals'
import { median, percentile, ratioOf } from './statistics.ts'

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

describe('the median', () => {
  it('is the value in the middle, in whatever order they come', () => expect(median([9, 1, 5])).toBe(5))

  it('lies between the two in the middle when there are two', () => expect(median([10, 1, 2, 4])).toBe(3))

  it('of one value is that value, and of none is no number', () => {
    expect(median([7])).toBe(7)
    expect(median([])).toBeNaN()
  })

  it('compares numbers, not text', () => expect(median([10, 9, 100])).toBe(10))
})

describe('a percentile', () => {
  it('is the smallest value that the share does not pass', () => {
    expect(percentile(upTo(100), 0.5)).toBe(50)
    expect(percentile(upTo(100).toReversed(), 0.99)).toBe(99)
    expect(percentile(upTo(1_000), 0.95)).toBe(950)
    expect(percentile(upTo(101), 0.99)).toBe(100)
  })

  it('lies between the smallest and the largest', () => {
    expect(percentile([3, 2, 1], 0)).toBe(1)
    expect(percentile([3, 2, 1], 1)).toBe(3)
  })

  it('of few values is the largest, and of none is no number', () => {
    expect(percentile([3, 2], 0.99)).toBe(3)
    expect(percentile([], 0.99)).toBeNaN()
  })
})

describe('a ratio', () => {
  it('is taken within each round, so that a slow round counts for nothing', () => {
    expect(ratioOf([1, 10, 100], [1, 2, 100])).toEqual({ median: 1, lowest: 1, highest: 5 })
  })

  it('tells how far the rounds lie apart', () => {
    expect(ratioOf([1, 2, 6], [1, 1, 2])).toEqual({ median: 2, lowest: 1, highest: 3 })
  })

  it('of unequal numbers of rounds is none', () => expect(() => ratioOf([1, 2], [1])).toThrow('as many rounds'))
})
