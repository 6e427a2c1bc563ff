import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

const make = () => randomBytes(32).toString('hex')

/** The secrets of one system, made once: what is stored under them can be read after the next start. */
export function keptSecrets(file: string): { AUTH_SECRET: string; PASSPORT_KEYS: string } {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    writeFileSync(`${file}.new`, JSON.stringify(newSecrets()), { mode: 0o600 })
    renameSync(`${file}.new`, file)
  }
  return JSON.parse(readFileSync(file, 'utf8'))
}

export const newSecrets = () => ({ AUTH_SECRET: make(), PASSPORT_KEYS: make() })
