import { parseArgs } from 'node:util'
import { type OperationName, operationNames } from '../readers/operations.ts'
import { type Engine, engines, partNames } from '../target/part-names.ts'
import { faults } from '../verdict/faults.ts'
import { type NumberOption, numberOptions, readNumber } from './number-rules.ts'
import { type CheckSettings, defaultSettings } from './settings.ts'

const defaults = defaultSettings
const today = () => Number(new Date().toISOString().slice(0, 10).replaceAll('-', ''))

export const help = `Checks the promise on the public graph: every acknowledged message reaches every subscriber once and in order, whatever dies.

  npm run check:delivery -- --minutes 10 --kills all --seed 1

  --minutes N        how long it writes and takes parts away [1]
  --engine NAME      servers: separate processes on servers of its own; embedded: one process [servers]
  --kills NAMES      all, none, or some of ${partNames.servers.join(',')};
                     of the embedded engine: ${partNames.embedded.join(',')} [all]
  --rest N           seconds between one part's return and the next one's end, on average [1.25]
  --seed N           the same seed gives the same schedule [of the day]
  --rate N           sends that all writers begin in a second [${defaults.rate}]
  --lanes N          requests with sends that may be on their way [${defaults.lanes}]
  --batch N          sends in a request, at most 30 [${defaults.batch}]
  --rooms N, --writers N, --readers N   rooms [${defaults.rooms}], who writes [${defaults.writers}], readers of each room [${defaults.readers}]
  --asks NAMES       how readers ask, in turn: all, or some of ${operationNames.join(',')} [all]
  --patience N       seconds in the end until what has not come is lost [${defaults.patience / 1_000}]
  --late-senders     a message without its sender is no fault, as long as an error says so: for a machine that is too busy
  --out FILE         appends the result to a file of JSON lines
  --sum FILE         runs nothing; tells what the results in such a file add up to

It prints how it stands every half minute. Ctrl-C ends the run and judges it once everything has come; a second one judges it as it
stands. Exits with 1 when anything speaks against the promise. What is counted:
${Object.entries(faults)
  .map(([fault, meaning]) => `  ${fault.padEnd(18)} ${meaning}`)
  .join('\n')}
`

type Numbers = Partial<Record<NumberOption, number>>

export type Asked =
  | { kind: 'help' }
  | { kind: 'problem'; problem: string }
  | { kind: 'sum'; file: string }
  | { kind: 'run'; engine: Engine; settings: CheckSettings; out: string | undefined }

/** What the arguments ask for. */
export function readCommandLine(args: string[]): Asked {
  try {
    const values = parse(args)
    if (values.help) return { kind: 'help' }
    if (values.sum !== undefined) return { kind: 'sum', file: values.sum }
    const { out, asks } = values
    const engine = engines.find((name) => name === values.engine)
    if (!engine) throw new Error(`--engine is ${engines.join(' or ')}`)
    const given = numberOptions.flatMap((name) => {
      const text = values[name]
      return text === undefined ? [] : [[name, readNumber(name, text)] as const]
    })
    return {
      kind: 'run',
      engine,
      out,
      settings: {
        ...toSettings(Object.fromEntries(given)),
        kills: killsIn(engine, values.kills),
        asks: asks === 'all' ? operationNames : (namesIn('asks', asks, operationNames) as OperationName[]),
        sendersMustCome: !values['late-senders'],
      },
    }
  } catch (error) {
    return { kind: 'problem', problem: (error as Error).message }
  }
}

function parse(args: string[]) {
  const text = { type: 'string' } as const
  const numbers = Object.fromEntries(numberOptions.map((name) => [name, text])) as Record<NumberOption, typeof text>
  const options = {
    ...numbers,
    engine: { type: 'string', default: 'servers' },
    kills: { type: 'string', default: 'all' },
    asks: { type: 'string', default: 'all' },
    'late-senders': { type: 'boolean', default: false },
    out: text,
    sum: text,
    help: { type: 'boolean', short: 'h' },
  } as const
  return parseArgs({ args, options }).values
}

function toSettings({ minutes = 1, rest, patience, seed = today(), ...others }: Numbers): CheckSettings {
  return {
    ...defaults,
    ...others,
    seed,
    seconds: minutes * 60,
    ...(rest !== undefined && { rest: [rest * 400, rest * 1_600] }),
    ...(patience !== undefined && { patience: patience * 1_000 }),
  }
}

/** The parts to take away; undefined: all that the engine has. */
function killsIn(engine: Engine, text: string): string[] | undefined {
  if (text === 'all') return undefined
  return text === 'none' ? [] : namesIn(`kills of the ${engine} engine`, text, partNames[engine])
}

function namesIn(option: string, text: string, known: readonly string[]): string[] {
  const names = text.split(',')
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new Error(`--${option} knows no "${unknown}": it takes some of ${known.join(',')}`)
  return names
}
