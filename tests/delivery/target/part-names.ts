import { processNames } from '../../../dev/processes/system-processes.ts'
import { serverNames } from '../../../dev/stack/server.ts'

/** What can be taken away, by engine. */
export const partNames = { servers: [...processNames, ...serverNames], embedded: ['process'] } as const

export type Engine = keyof typeof partNames
export const engines = Object.keys(partNames) as Engine[]
