import { StartError } from '../../config/start-error.ts'

/** What a store says of its schema. */
export interface SchemaVersion {
  /** The newest version that was applied. */
  version: number
  /** A release works with it when it knows this version or a later one. */
  serves: number
}

/**
 * Holds a store's schema against what this release knows. A newer one is fine as long as it still serves this release: first a release
 * expands the schema, and only a later one contracts it. Throws a `StartError` when the release before has been left behind.
 */
export function requireServed(tables: string, { version, serves }: SchemaVersion, known: number): void {
  if (serves <= known) return
  throw new StartError(
    `The ${tables} were made by a newer version of Parley: they are at schema version ${version}, which serves releases that know ` +
      `version ${serves} or later, and this release knows version ${known}. Start a newer release, or restore a backup from before`,
  )
}

/** The version that a migration's header says it still serves (`-- serves: >= 0001`); undefined without a header: every one before it. */
export function servedVersion(sql: string): number | undefined {
  const found = /^--\s*serves:\s*>=\s*(\d+)\s*$/m.exec(sql)?.[1]
  return found === undefined ? undefined : Number(found)
}
