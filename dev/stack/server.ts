/** The servers that the distributed engine works on. */
export const serverNames = ['mysql', 'mongodb', 'redis', 'kafka'] as const
export type ServerName = (typeof serverNames)[number]

/** Where a server of this machine runs. */
export interface Place {
  /** Holds its data and nothing else. */
  folder: string
  port: number
  /** Where clients reach it, when that is another port: Kafka tells them where to go. */
  advertisedPort?: number
}

export interface Command {
  program: string
  args: string[]
}

/** How a server is found on this machine, started, and asked whether it answers. */
export interface LocalServer {
  name: ServerName
  title: string
  /** The variable that names one that runs already. */
  variable: string
  /** What is used on this machine: a program and its version. Undefined when something is missing. */
  found(): string | undefined
  /** Makes the folder ready, as often as it is called, and gives what to run. */
  prepare(place: Place): Promise<Command>
  url(port: number): string
  /** Resolves when the server does its work; makes the database when there is none. Throws while it does not answer. */
  answers(url: string): Promise<void>
}
