import { readFileSync, unwatchFile, watchFile } from 'node:fs'

/** How often the file is looked at, in milliseconds: a mounted volume tells of no change by itself. */
const interval = 1_000

/** Calls the listener with the text of the file whenever it has changed. Gives what ends it. */
export function watchSupergraph(file: string, listener: (supergraphSdl: string) => void): () => void {
  const look = () => {
    let text: string
    try {
      text = readFileSync(file, 'utf8')
    } catch {
      // It is being replaced: its next change is told.
      return
    }
    listener(text)
  }
  // It may have changed since it was read.
  look()
  watchFile(file, { interval, persistent: false }, look)
  return () => unwatchFile(file, look)
}
