import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** Makes the folder, for its owner alone. Throws the system's error when it cannot be made, or not be written to. */
export function makeUsable(path: string): void {
  // One by one: where no folder can be made, Node does not come back from making several.
  for (const missing of missingFolders(path)) mkdirSync(missing, { mode: 0o700 })
  if (!statSync(path).isDirectory()) throw Object.assign(new Error('It is a file'), { code: 'ENOTDIR' })
  accessSync(path, constants.W_OK)
}

const missingFolders = (path: string): string[] => (existsSync(path) ? [] : [...missingFolders(dirname(path)), path])
