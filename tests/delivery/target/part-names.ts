import { processNames } from '../../../dev/processes/system-processes.ts'
import { serverNames } from '../../../dev/stack/server.ts'

/**
 * What can be taken away or disturbed, by engine. `restore`: what was committed since a backup. `upstream-link`: between a gateway and
 * a process of a subgraph. `reader-link`: between distant readers and the gateways. `clock`: the time of day of one process.
 */
export const partNames = {
  servers: [...processNames, ...serverNames, 'restore', 'upstream-link', 'reader-link', 'clock'],
  embedded: ['process', 'restore', 'reader-link', 'clock'],
} as const

export type Engine = keyof typeof partNames
export const engines = Object.keys(partNames) as Engine[]
