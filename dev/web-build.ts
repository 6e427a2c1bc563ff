import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { StartError } from '../platform/config/start-error.ts'

const root = fileURLToPath(new URL('../web', import.meta.url))
/** What goes into the web client. */
const sources = ['../web', '../client', '../schema', '../platform/errors'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
)
const output = join(root, 'dist')

/** Builds the web client when its sources are newer than what was built last. Gives the folder to serve. */
export async function buildWebClient(say: (line: string) => void): Promise<string> {
  const built = statSync(join(output, 'index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (built > Math.max(...sources.map(newestSource))) return output
  say('Building the web client …')
  const { build } = await import('vite')
  try {
    await build({ root, configFile: join(root, 'vite.config.ts'), logLevel: 'warn' })
  } catch (error) {
    const problem = noRoom.exec(String(error))?.[0]
    if (problem) throw new StartError(`The web client cannot be built in ${output} (${problem}): make room on its disk`)
    throw error
  }
  return output
}

/** In the words of Node, or of the bundler. */
const noRoom = /ENOSPC|EDQUOT|EROFS|EFBIG|No space left on device|Read-only file system|File too large/

function newestSource(folder: string): number {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true })
  const files = entries.filter((entry) => entry.isFile() && !join(entry.parentPath, entry.name).startsWith(output))
  return Math.max(...files.map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs))
}
