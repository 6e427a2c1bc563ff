import { execFileSync, spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import process from 'node:process'

// Debian puts servers where only root looks for programs.
const folders = () => [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/sbin']

/** The full path of the first of these programs that is installed. */
export function findProgram(...names: string[]): string | undefined {
  const isThere = (path: string) => {
    try {
      accessSync(path, constants.X_OK)
      return true
    } catch {
      return false
    }
  }
  return names.flatMap((name) => folders().map((folder) => join(folder, name))).find(isThere)
}

/** The first line that the program says of its version. */
export const versionOf = (program: string, flag = '--version'): string => {
  const { stdout, stderr } = spawnSync(program, [flag], { encoding: 'utf8', timeout: 10_000 })
  return `${stdout}${stderr}`.trim().split('\n')[0] ?? ''
}

/** Runs a program to its end. Throws with what it said when it fails. */
export function runProgram(program: string, args: string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 120_000 })
}

/** A loopback port that nobody uses right now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (typeof address !== 'object' || !address) throw new Error('There is no free port')
  return address.port
}
