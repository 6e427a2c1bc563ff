import { newSecrets } from '../../dev/processes/secrets.ts'
import { type ProcessName, startSystemProcesses } from '../../dev/processes/system-processes.ts'
import { makePlace, type ServerPlace } from './place.ts'

/** More for `startProcessesOnServers`. */
export interface ProcessesOnServersOptions {
  /** Where, when not in a place of their own on the test run's servers. It is removed with them all the same. */
  place?: ServerPlace
  counts?: Partial<Record<ProcessName, number>>
  /** The ports of some processes; any free ones otherwise. */
  ports?: Partial<Record<ProcessName, number[]>>
  /** More for one kind of process, or for one alone, by its name. */
  only?: Record<string, Record<string, string>>
  onLine?(process: string, line: string): void
  onUnexpectedEnd?(process: string): void
}

/** Starts separate processes for a test: two of each that clients or events go through. */
export async function startProcessesOnServers(
  environment: Record<string, string> = {},
  { place: given, counts, ports, only, onLine, onUnexpectedEnd }: ProcessesOnServersOptions = {},
) {
  const place = given ?? (await makePlace())
  const secrets = newSecrets()
  try {
    const system = await startSystemProcesses({
      servers: place.variables,
      secrets,
      environment: {
        all: {
          BCRYPT_COST: '4',
          LOGINS_PER_ADDRESS: '100000',
          REGISTRATIONS_PER_ADDRESS: '100000',
          POINTS_PER_MINUTE: '1000000000',
          ADDRESS_POINTS_PER_MINUTE: '1000000000',
          ...environment,
        },
        ...only,
      },
      counts,
      ports,
      onLine,
      onUnexpectedEnd,
    })
    return {
      system: { ...system, passportKeys: [secrets.PASSPORT_KEYS] },
      async stop() {
        await system.stop().finally(place.remove)
      },
    }
  } catch (error) {
    await place.remove()
    throw error
  }
}
