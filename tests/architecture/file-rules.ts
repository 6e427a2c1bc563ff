import { posix } from 'node:path'
import { isGenerated, isSource } from './file-kinds.ts'
import type { Rule } from './import-rules.ts'

const environmentReaders = /(^|\/)main\.ts$|^[^/]+\.ts$|^(dev|bench|tests)\/|\/testing\//

/** Setting a variable for a library is no reading. */
export const environmentIsReadInMain: Rule = (files) =>
  files
    .filter(({ path }) => !environmentReaders.test(path))
    .filter(({ code }) => /\bprocess(\.env\b|\[)(?!\.\w+ = )|\benv\b[^;\n]*from 'node:process'/.test(code))
    .map(({ path }) => `${path} reads process.env`)

const vagueNames = /(^|\/)(utils?|helpers?|common|shared|misc)(\/|\.tsx?$)/

export const filesSayWhatTheyHold: Rule = (files) =>
  files
    .filter(({ path }) => !isGenerated(path))
    .flatMap(({ path, code }) => {
      if (posix.basename(path).startsWith('index.')) return `${path} is an index file`
      if (vagueNames.test(path)) return `${path} has a name that says nothing`
      return isBarrel(code) ? `${path} only exports what others hold` : []
    })

const isBarrel = (code: string) =>
  code.trim() !== '' &&
  code.replace(/export\s+(type\s+)?(\*(\s+as\s+\w+)?|\{[^}]*\})\s+from\s+'[^']+';?/g, '').trim() === ''

const longest = 300

export const filesAreShort: Rule = (files) =>
  files
    .filter(({ path, lines }) => isSource(path) && lines > longest)
    .map(({ path, lines }) => `${path} has ${lines} lines, over ${longest}`)

const highestMedian = 60

export const mostFilesAreVeryShort: Rule = (files) => {
  const lengths = files
    .filter(({ path }) => isSource(path))
    .map(({ lines }) => lines)
    .sort((a, b) => a - b)
  const median = lengths[Math.floor(lengths.length / 2)] ?? 0
  return median < highestMedian ? [] : [`the median file has ${median} lines, not under ${highestMedian}`]
}

const fullest = 12

export const foldersAreSmall: Rule = (files) => {
  const sources = files.filter(({ path }) => isSource(path))
  return Object.entries(Object.groupBy(sources, ({ path }) => posix.dirname(path)))
    .filter(([, held]) => (held?.length ?? 0) > fullest)
    .map(([folder, held]) => `${folder} holds ${held?.length} source files, over ${fullest}`)
}
