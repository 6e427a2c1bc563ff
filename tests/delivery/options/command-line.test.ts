import { describe, expect, it } from '@jest/globals'
import { operationNames } from '../readers/operations.ts'
import { readCommandLine } from './command-line.ts'
import { defaultSettings } from './settings.ts'

describe('the command line of the checker', () => {
  it('takes away everything and asks in every way unless told otherwise', () => {
    expect(readCommandLine(['--seed', '1'])).toEqual({
      kind: 'run',
      engine: 'servers',
      out: undefined,
      settings: { ...defaultSettings, kills: undefined, asks: operationNames },
    })
  })

  it('turns minutes and seconds into what the checker takes', () => {
    const args = ['--minutes', '0.5', '--rest', '2', '--patience', '9', '--kills', 'chat,redis', '--asks', 'plain']
    expect(readCommandLine(args)).toMatchObject({
      settings: { seconds: 30, rest: [800, 3_200], patience: 9_000, kills: ['chat', 'redis'], asks: ['plain'] },
    })
    expect(readCommandLine(['--kills', 'none'])).toMatchObject({ settings: { kills: [] } })
  })

  it('takes the smallest and the largest number that each option allows', () => {
    const smallest = ['--minutes', '0.01', '--rate', '0.5', '--rooms', '1', '--writers', '1', '--rest', '0']
    expect(readCommandLine(smallest)).toMatchObject({ settings: { rate: 0.5, rooms: 1, writers: 1, rest: [0, 0] } })
    expect(readCommandLine(['--batch', '30', '--seed', '0'])).toMatchObject({ settings: { batch: 30, seed: 0 } })
  })

  it('takes away what the embedded engine has: its process', () => {
    const args = ['--engine', 'embedded', '--kills', 'process']
    expect(readCommandLine(args)).toMatchObject({ engine: 'embedded', settings: { kills: ['process'] } })
  })

  it.each([
    [['--kills', 'chat,postgres'], 'knows no "postgres"'],
    [['--kills', 'process'], 'knows no "process"'],
    [['--engine', 'embedded', '--kills', 'chat'], 'the embedded engine knows no "chat": it takes some of process'],
    [['--asks', 'loudly'], 'knows no "loudly"'],
    [['--engine', 'steam'], '--engine is servers or embedded'],
    [['--speed', '1'], '--speed'],
    [['--minutes', '0'], '--minutes must be a number above 0'],
    [['--minutes', 'Infinity'], '--minutes must be a number above 0'],
    [['--seed', '1.5'], '--seed must be a whole number from 0'],
    [['--rate', 'fast'], '--rate must be a number above 0'],
    [['--rate', '0'], '--rate must be a number above 0'],
    [['--rate', ' '], '--rate must be a number above 0'],
    [['--lanes', '0'], '--lanes must be a whole number from 1'],
    [['--batch', '31'], '--batch must be a whole number from 1 to 30'],
    [['--rooms', '1.5'], '--rooms must be a whole number from 1'],
    [['--rooms', '70000'], '--rooms must be a whole number from 1 to 1000'],
    [['--writers', '0'], '--writers must be a whole number from 1'],
    [['--readers', '0'], '--readers must be a whole number from 1'],
    [['--rest=-1'], '--rest must be a number, 0 or above'],
    [['--patience', '0'], '--patience must be a number above 0'],
  ])('refuses %j', (args, problem) => {
    expect(readCommandLine(args)).toEqual({ kind: 'problem', problem: expect.stringContaining(problem) })
  })
})
