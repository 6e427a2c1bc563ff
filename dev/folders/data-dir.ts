import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ConfigError } from '../../platform/config/env.ts'
import { awayReason } from '../../platform/errors/away.ts'
import { fileProblem } from '../../platform/storage/failures.sqlite.ts'
import { codeOf } from '../start-error.ts'
import { checkDatabase } from './check-database.sqlite.ts'
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
  try {
    const secret = usable(path, 'secret', readSecret)
    return { path, database: usable(path, 'parley.sqlite', checkDatabase), secret, close: () => lock.close() }
  } catch (error) {
    lock.close()
    throw error
  }
}

/** What the work makes of a file of the folder. Throws a `ConfigError` that names the file and what is wrong with it. */
function usable<T>(path: string, name: string, work: (file: string) => T): T {
  try {
    return work(join(path, name))
  } catch (error) {
    const unwritable = explainUnwritable(error, path)
    if (unwritable !== error) throw unwritable
    const reason = error instanceof Error ? error.message : String(error)
    throw new ConfigError([
      `DATA_DIR ${path} cannot be used, because of its file ${name} (${reason}): restore a backup, or set another DATA_DIR`,
    ])
  }
}

/** What kept a start from writing to the folder, as the setting to change or the room to make; anything else as it is. */
export function explainUnwritable(error: unknown, path: string): unknown {
  const reason = writeProblem(error)
  return reason === undefined ? error : unwritable(reason, path)
}

export function unwritable(reason: string, path: string): ConfigError {
  const advice = /ENOSPC|EDQUOT|SQLITE_FULL/.test(reason) ? 'make room on its disk' : 'see that it can be written to'
  return new ConfigError([
    `DATA_DIR ${resolve(path)} cannot be written (${reason}): ${advice}, or set another DATA_DIR`,
  ])
}

const systemCodes = ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EFBIG']

function writeProblem(error: unknown): string | undefined {
  const code = codeOf(error)
  if (code !== undefined && systemCodes.includes(code)) return code
  const problem = fileProblem(error)
  // A folder where the file should be is told with the file's name.
  if (problem) return problem.code === 'SQLITE_CANTOPEN' ? undefined : problem.reason
  const reason = awayReason(error)
  return reason?.startsWith('SQLITE_') ? reason : undefined
}

function openAndLock(path: string) {
  try {
    makeUsable(path)
    return lockFolder(path)
  } catch (error) {
    const unwritable = explainUnwritable(error, path)
    if (unwritable !== error) throw unwritable
    const code = codeOf(error)
    const reason =
      code === 'ENOTDIR'
        ? 'a file stands there'
        : code === 'ERR_SQLITE_ERROR'
          ? `lock.sqlite in it: ${String(error)}`
          : code
    throw new ConfigError([`DATA_DIR ${path} cannot be used (${reason}): set a folder that can be written to`])
  }
}

function readSecret(file: string): string {
  if (!existsSync(file)) {
    // Whole or not at all: a start that was killed here must not leave an empty secret.
    writeFileSync(`${file}.new`, randomBytes(32).toString('hex'), { mode: 0o600 })
    renameSync(`${file}.new`, file)
  }
  const secret = readFileSync(file, 'utf8')
  if (secret.length < 32) throw new Error('it is too short')
  return secret
}
