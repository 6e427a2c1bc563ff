import { parseArgs } from 'node:util'

/** What the command line asks for, or what is wrong with it. */
export function commandLine(args: string[]): 'start' | 'help' | { problem: string } {
  try {
    const { values } = parseArgs({ args, options: { help: { type: 'boolean', short: 'h' } } })
    return values.help ? 'help' : 'start'
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}
