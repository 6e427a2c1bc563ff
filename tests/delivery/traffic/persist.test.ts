import { describe, expect, it } from '@jest/globals'
import type { Reply } from '../../clients.ts'
import { persist } from './persist.ts'

const answer: Reply<string> = { status: 200, headers: new Headers(), data: 'yes' }
const refusal = (code: string): Reply<string> => ({
  status: 200,
  headers: new Headers(),
  data: null,
  errors: [{ message: 'No.', extensions: { code } }],
})
const never = () => Number.POSITIVE_INFINITY

describe('whoever asks until it is answered', () => {
  it('asks one gateway after the other', async () => {
    const asked: string[] = []
    const ask = async (url: string) => {
      asked.push(url)
      if (asked.length === 1) throw new Error('no connection')
      return asked.length === 2 ? refusal('UNAVAILABLE') : answer
    }
    const failures: string[] = []
    const onFailure = (code: string) => void failures.push(code)
    expect(await persist({ urls: ['a', 'b'], first: 1, ask, deadline: never, onFailure })).toBe(answer)
    expect(asked).toEqual(['b', 'a', 'b'])
    expect(failures).toEqual(['Error', 'UNAVAILABLE'])
  })

  it('takes an error for an answer that settles it', async () => {
    const ask = async () => refusal('NOT_FOUND')
    expect(await persist({ urls: ['a'], first: 0, ask, settledBy: ['NOT_FOUND'], deadline: never })).toEqual({
      code: 'NOT_FOUND',
    })
  })

  it('gives up when the deadline is moved to the past while it asks', async () => {
    let asked = 0
    let deadline = never()
    const ask = async () => {
      asked += 1
      if (asked === 2) deadline = 0
      return refusal('UNAVAILABLE')
    }
    expect(await persist({ urls: ['a'], first: 0, ask, deadline: () => deadline })).toBeUndefined()
    expect(asked).toBe(2)
  })
})
