import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../web', import.meta.url))
const schema = fileURLToPath(new URL('../schema', import.meta.url))
const output = join(root, 'dist')

/** Builds the web client when its sources are newer than what was built last. Gives the folder to serve. */
export async function buildWebClient(say: (line: string) => void): Promise<string> {
  const built = statSync(join(output, 'index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (built > Math.max(newestSource(root), newestSource(schema))) return output
  say('Building the web client …')
  const { build } = await import('vite')
  await build({ root, configFile: join(root, 'vite.config.ts'), logLevel: 'warn' })
  return output
}

function newestSource(folder: string): number {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true })
  const sources = entries.filter((entry) => entry.isFile() && !join(entry.parentPath, entry.name).startsWith(output))
  return Math.max(...sources.map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs))
}
