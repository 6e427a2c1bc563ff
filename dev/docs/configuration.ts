import { variables as gateway } from '../../gateway/process-config.ts'
import { defaultOf, type Variable, type Variables } from '../../platform/config/env.ts'
import { variables as auth } from '../../subgraphs/auth/config.ts'
import { variables as chat } from '../../subgraphs/chat/config.ts'
import { variables as fanOut } from '../../subgraphs/chat/fan-out/process.ts'
import { variables as profile } from '../../subgraphs/profile/config.ts'
import { variables as npmStart } from '../config.ts'
import { variables as startStack } from '../processes/start-stack.ts'

const processes: Record<string, Variables> = { gateway, auth, profile, chat, 'fan-out': fanOut }

/** Every name that some process reads, a line each. */
export const knownNames = () =>
  [...new Set([...Object.values(processes), npmStart, startStack].flatMap(Object.keys))].toSorted().join('\n')

/** What every process can be told, as a table: from the same variables that read it and that `--help` prints. */
export function configurationTable(): string {
  const names = [...new Set(Object.values(processes).flatMap(Object.keys))]
  const rows = names.map((name) => {
    const readers = Object.entries(processes).filter(([, variables]) => name in variables)
    const [, first] = readers[0] ?? []
    const variable = first?.[name]
    if (!variable) throw new Error(`${name} is read by nobody`)
    const everyone = readers.length === Object.keys(processes).length
    const where = everyone ? 'all' : readers.map(([process]) => process).join(', ')
    return `| \`${name}\` | ${where} | ${variable.meaning} | ${variable.type} | ${defaults(name, readers)} |`
  })
  return ['| variable | read by | meaning | type | default |', '|---|---|---|---|---|', ...rows].join('\n')
}

/** One default, or each process's own where they differ. */
function defaults(name: string, readers: [string, Variables][]): string {
  const each = readers.map(([process, variables]) => [process, defaultOf(variables[name] as Variable)] as const)
  const different = new Set(each.map(([, value]) => value))
  if (different.size === 1) return each[0]?.[1] ?? ''
  return each.map(([process, value]) => `${process} ${value}`).join(', ')
}
