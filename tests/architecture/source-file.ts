import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { parseSync } from '@swc/core'

export interface SourceFile {
  /** From the repository's root, with slashes. */
  path: string
  /** What it imports, types included: files by their path from the root, packages by their name. */
  imports: string[]
  /** The text without comments. */
  code: string
  lines: number
}

/** Every TypeScript file of the repository that git does not ignore. */
export function readSourceFiles(): SourceFile[] {
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', '*.ts', '*.tsx']
  const paths = new Set(execFileSync('git', list, { encoding: 'utf8' }).split('\0'))
  return resolveImports(
    [...paths].filter((path) => path && existsSync(path)).map((path) => readSource(path, readFileSync(path, 'utf8'))),
  )
}

/** A file as the rules see it; its relative imports are paths from the root as they are written. */
export function readSource(path: string, text: string): SourceFile {
  const imports = parseImports(text, path.endsWith('x')).map((specifier) =>
    specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : specifier,
  )
  return { path, imports, code: withoutComments(text), lines: text.trimEnd().split('\n').length }
}

/** A bundler lets imports leave out the ending of a file. */
function resolveImports(files: SourceFile[]): SourceFile[] {
  const paths = new Set(files.map(({ path }) => path))
  const resolve = (target: string) =>
    [target, `${target}.ts`, `${target}.tsx`, `${target}/index.ts`].find((path) => paths.has(path)) ?? target
  return files.map((file) => ({ ...file, imports: file.imports.map(resolve) }))
}

function parseImports(text: string, tsx: boolean): string[] {
  const found: string[] = []
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    const specifier = importedBy(node)
    if (specifier !== undefined) found.push(specifier)
    for (const child of Object.values(node)) visit(child)
  }
  visit(parseSync(text, { syntax: 'typescript', tsx, target: 'es2024' }))
  return found
}

/** What a node of the syntax tree imports: a declaration, an export from elsewhere, `import()`, or a type's `import()`. */
function importedBy(node: {
  type?: string
  source?: { value?: string } | null
  callee?: { type?: string }
  arguments?: { expression?: { value?: unknown } }[]
  argument?: { value?: string }
}): string | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
      return node.source?.value
    case 'CallExpression': {
      const [first] = node.arguments ?? []
      return node.callee?.type === 'Import' && typeof first?.expression?.value === 'string'
        ? first.expression.value
        : undefined
    }
    case 'TsImportType':
      return node.argument?.value
    default:
      return undefined
  }
}

// Strings are matched first, because they may contain what looks like a comment.
const stringOrComment = /('(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)|\/\*[\s\S]*?\*\/|\/\/.*$/gm
const withoutComments = (text: string) => text.replace(stringOrComment, (_, string?: string) => string ?? '')
