import { describe, expect, it } from '@jest/globals'
import { readCommandLine } from './command-line.ts'
import { operationNames } from './readers/operations.ts'
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

  it.each([
    [['--kills', 'chat,postgres'], 'knows no "postgres"'],
    [['--asks', 'loudly'], 'knows no "loudly"'],
    [['--rate', 'fast'], '--rate must be a number'],
    [['--engine', 'steam'], '--engine is embedded or servers'],
    [['--speed', '1'], '--speed'],
  ])('refuses %j', (args, problem) => {
    expect(readCommandLine(args)).toEqual({ kind: 'problem', problem: expect.stringContaining(problem) })
  })
})
