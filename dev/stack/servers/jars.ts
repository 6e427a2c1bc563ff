import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { findProgram } from '../programs.ts'

/** Where `stack install` puts Kafka and the stand-in for mongod. */
export const jarsFolder = resolve(process.env.JARS_DIR || fileURLToPath(new URL('../../../data/jars', import.meta.url)))
/** What Maven reads to bring them. */
export const javaFolder = fileURLToPath(new URL('../java', import.meta.url))
export const classPath = join(jarsFolder, '*')

/** The jar whose name starts like this, when Java is there to run it. */
export function findJar(start: string): string | undefined {
  if (!findProgram('java') || !existsSync(jarsFolder)) return undefined
  return readdirSync(jarsFolder).find((name) => name.startsWith(start))
}
