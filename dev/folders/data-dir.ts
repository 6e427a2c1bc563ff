import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ConfigError } from '../../platform/config/env.ts'
import { codeOf } from '../start-error.ts'
import { lockFolder } from './folder-lock.sqlite.ts'
import { makeUsable } from './usable-folder.ts'

/** A folder that holds all that one embedded system stores. */
export interface DataDir {
  path: string
  database: string
  /** The same at every start. */
  secret: string
  close(): void
}

/**
 * Opens the folder for this process alone: the embedded engine is for one process. Throws a `ConfigError` when another has it, or
 * when it cannot be used.
 */
export function openDataDir(directory: string): DataDir {
  const path = resolve(directory)
  const lock = openAndLock(path)
  if (!lock) {
    throw new ConfigError([`DATA_DIR ${path} is in use by another process: stop that one, or set another DATA_DIR`])
  }
  const secret = readSecret(join(path, 'secret'))
  return { path, database: join(path, 'parley.sqlite'), secret, close: () => lock.close() }
}

function openAndLock(path: string) {
  try {
    makeUsable(path)
    return lockFolder(path)
  } catch (error) {
    throw new ConfigError([`DATA_DIR ${path} cannot be used (${codeOf(error)}): set a folder that can be written to`])
  }
}

function readSecret(file: string): string {
  if (!existsSync(file)) {
    // Whole or not at all: a start that was killed here must not leave an empty secret.
    writeFileSync(`${file}.new`, randomBytes(32).toString('hex'), { mode: 0o600 })
    renameSync(`${file}.new`, file)
  }
  return readFileSync(file, 'utf8')
}
