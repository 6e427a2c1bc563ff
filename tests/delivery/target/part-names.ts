import { processNames } from '../../../dev/processes/system-processes.ts'
import { serverNames } from '../../../dev/stack/server.ts'

/** What can be taken away, by engine. `restore`: what was committed since a backup. */
export const partNames = {
  servers: [...processNames, ...serverNames, 'restore'],
  embedded: ['process', 'restore'],
} as const

export type Engine = keyof typeof partNames
export const engines = Object.keys(partNames) as Engine[]
