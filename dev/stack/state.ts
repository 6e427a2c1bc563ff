import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { StartError } from '../../platform/config/start-error.ts'
import { lockFolder } from '../folders/folder-lock.sqlite.ts'
import { makeUsable } from '../folders/usable-folder.ts'
import { codeOf } from '../start-error.ts'
import type { OwnedProcess } from './owned-process.ts'
import { type ServerName, serverNames } from './server.ts'

/** Where the stack keeps its data, its logs, and what it has started. */
export const stackFolder = resolve(process.env.STACK_DIR || fileURLToPath(new URL('../../data/stack', import.meta.url)))

/** A server of the stack. What is given by a URL, or runs in a container, has no process of ours; the former is not kept. */
export interface StackServer {
  how: 'given' | 'docker' | 'process'
  url: string
  port?: number
  process?: OwnedProcess
  log?: string
}

export type StackState = Partial<Record<ServerName, StackServer>>

const file = join(stackFolder, 'state.json')

export const readState = (): StackState => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {})

/** Whole or not at all: what is started must be found again. */
export function writeState(state: StackState): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

/**
 * Runs the work while no other command works in the folder: two that start or stop servers at once would lose sight of some. Throws
 * when another does, or when the folder cannot be used.
 */
export async function withStackFolder<T>(work: () => Promise<T>): Promise<T> {
  const lock = openAndLock()
  if (!lock)
    throw new StackProblem(`Another command is at work in ${stackFolder}: wait for it, or set another STACK_DIR`)
  try {
    return await work()
  } finally {
    lock.close()
  }
}

function openAndLock() {
  try {
    makeUsable(stackFolder)
    return lockFolder(stackFolder)
  } catch (error) {
    throw new StackProblem(
      `STACK_DIR ${stackFolder} cannot be used (${codeOf(error)}): set a folder that can be written to`,
    )
  }
}

/** Something that whoever called can mend: its message says how. */
export class StackProblem extends StartError {}

/** Removes all that the stack has stored, and nothing else that may be in the folder. */
export function wipe(): void {
  const own = serverNames.flatMap((name) => [name, `${name}.log`])
  for (const name of [...own, 'state.json', 'secrets.json', 'demo-logins.json', 'demo-made', 'lock.sqlite'])
    rmSync(join(stackFolder, name), { recursive: true, force: true })
}
