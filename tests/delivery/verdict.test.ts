import { describe, expect, it } from '@jest/globals'
import { type Arrival, isKept, judge, type ReaderRecord, type SendRecord } from './verdict.ts'

const roomId = 'room'
const sends = (...acknowledged: (number | undefined)[]): SendRecord[] =>
  acknowledged.map((seq, index) => ({ roomId, text: `m${index + 1}`, seq }))
const message = (seq: number, text = `m${seq}`): Arrival => ({ what: 'message', seq, text })
const reader = (name: string, ...arrivals: Arrival[]): ReaderRecord => ({ name, roomId, arrivals })
const judged = (given: SendRecord[], ...readers: ReaderRecord[]) => {
  const verdict = judge(given, readers)
  const { lost, twice, outOfOrder, holes, wrong, withoutCaughtUp } = verdict
  return { kept: isKept(verdict), lost, twice, outOfOrder, holes, wrong, withoutCaughtUp }
}
const sound = { kept: true, lost: 0, twice: 0, outOfOrder: 0, holes: 0, wrong: 0, withoutCaughtUp: 0 }

describe('the verdict', () => {
  it('is good when everything came once, in order, over resumes too', () => {
    const one = reader('one', message(1), { what: 'resumed' }, message(2), { what: 'caught up' }, message(3))
    expect(judged(sends(1, 2, 3), one, reader('two', message(1), message(2), message(3)))).toEqual(sound)
  })

  it('does not ask for what was not acknowledged, and takes it when it came', () => {
    expect(judged(sends(1, undefined), reader('one', message(1)))).toEqual(sound)
    expect(judged(sends(1, undefined), reader('one', message(1), message(2)))).toEqual(sound)
  })

  it.each([
    ['lost', sends(1, 2), [reader('one', message(1))], { lost: 1 }],
    [
      'lost to one of two',
      sends(1, 2),
      [reader('one', message(1), message(2)), reader('two', message(1))],
      { lost: 1 },
    ],
    ['a hole, and lost', sends(1, 2, 3), [reader('one', message(1), message(3))], { lost: 1, holes: 1 }],
    ['twice', sends(1, 2), [reader('one', message(1), message(1), message(2))], { twice: 1 }],
    ['twice under two numbers', sends(1), [reader('one', message(1), message(2, 'm1'))], { twice: 1 }],
    ['out of order', sends(1, 2, 3), [reader('one', message(1), message(3), message(2))], { outOfOrder: 1, holes: 1 }],
    ['never sent', sends(1), [reader('one', message(1), message(2, 'x'))], { wrong: 1 }],
    ['another number than was acknowledged', sends(5), [reader('one', message(1))], { wrong: 1 }],
    [
      'two readers that differ',
      sends(1, undefined, undefined),
      [reader('one', message(1), message(2, 'm2')), reader('two', message(1), message(2, 'm3'))],
      { wrong: 1 },
    ],
    [
      'a resume that never caught up',
      sends(1),
      [reader('one', { what: 'resumed' }, message(1))],
      { withoutCaughtUp: 1 },
    ],
  ] as const)('is bad for %s', (_, given, readers, faults) => {
    expect(judged([...given], ...readers)).toEqual({ ...sound, kept: false, ...faults })
  })
})
