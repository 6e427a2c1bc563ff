import { isAdapter, isContract, isFile, isGenerated, isPackage, isSource, isTest, partOf } from './file-kinds.ts'
import type { SourceFile } from './source-file.ts'

/** A rule of the house: gives a line for each breach, naming the file and the import. Empty when it is kept. */
export type Rule = (files: SourceFile[]) => string[]

/** Gives a line for each import that the check finds fault with. */
const faults =
  (isFault: (path: string, target: string) => boolean): Rule =>
  (files) =>
    files.flatMap(({ path, imports }) =>
      imports.filter((target) => isFault(path, target)).map((target) => `${path} imports ${target}`),
    )

export const platformKnowsNoService = faults(
  (path, target) => partOf(path) === 'platform' && isFile(target) && partOf(target) !== 'platform',
)

/** What the client has in common with the server; it has to run in a browser. */
const sharedWithClients = ['schema/close-codes.ts', 'platform/errors/app-error.ts']

/** The client package brings nothing along but graphql-ws. */
export const clientIsPlain = faults((path, target) => {
  if (sharedWithClients.includes(path)) return true
  return partOf(path) === 'client' && isSource(path) && !isFile(target) && !isPackage(target, 'graphql-ws')
})

/** They use every part; no part may use them. */
const outermost = ['dev', 'tests', 'bench']

export const partsMeetInSchema = faults((path, target) => {
  const [from, to] = [partOf(path), partOf(target)]
  if (isSource(path) && !outermost.includes(from) && (isTest(target) || isContract(target))) return true
  if (!isFile(target) || from === to || from.includes('.') || outermost.includes(from)) return false
  if (outermost.includes(to)) return true
  if (from === 'client') return !sharedWithClients.includes(target)
  const isService = from === 'gateway' || from.startsWith('subgraphs/')
  const mayUse = isService ? ['platform', 'schema'] : from === 'web' ? ['client'] : []
  return !mayUse.includes(to)
})

export const domainIsPlain: Rule = (files) => {
  const domain = files.filter(({ path }) => /^(subgraphs\/[^/]+|gateway)\/domain\//.test(path) && !isTest(path))
  return [
    ...faults((_, target) => isForeignToDomain(target))(domain),
    ...domain.filter(({ code }) => /\bprocess\./.test(code)).map(({ path }) => `${path} uses process`),
  ]
}

const foreignPackages = ['graphql', 'graphql-ws', '@apollo', '@as-integrations', 'fastify', 'node:process', 'process']
const isForeignToDomain = (target: string) =>
  isFile(target)
    ? /(^|\/)(config|resolvers|generated)\/|\/(config|context|service|process|main)\.ts$/.test(target)
    : [...foreignPackages, ...Object.keys(driverHomes)].some((name) => isPackage(target, name))

/** The files that may import a driver, by how their names go on after the role. */
const driverHomes: Record<string, RegExp> = {
  mysql2: /\.mysql\.(test\.)?ts$/,
  mongodb: /\.mongodb\.(test\.)?ts$/,
  ioredis: /\.redis\.(test\.)?ts$/,
  kafkajs: /\.kafka\.(test\.)?ts$/,
  'node:sqlite': /\.sqlite\.(test\.)?ts$/,
  'drizzle-orm': /\.(sqlite|mysql)\.(test\.)?ts$/,
  'drizzle-orm/sqlite-core': /\.sqlite\.(test\.)?ts$/,
  'drizzle-orm/mysql-core': /\.mysql\.(test\.)?ts$/,
  'rate-limiter-flexible': /\/rate-limit\.\w+\.ts$/,
  'prom-client': /^platform\/metrics\//,
}

export const driversStayInAdapters = faults((path, target) =>
  Object.entries(driverHomes).some(([driver, home]) => isPackage(target, driver) && !home.test(path)),
)

export const adaptersAreChosenInService = faults(
  (path, target) =>
    isAdapter(target) &&
    !/\/(service|process)\.ts$/.test(path) &&
    !isAdapter(path) &&
    !isContract(path) &&
    !isTest(path) &&
    !/^(dev|bench)\//.test(path),
)

export const generatedStaysWithResolvers = faults(
  (path, target) =>
    isGenerated(target) && partOf(path) !== 'web' && !isGenerated(path) && !/^subgraphs\/[^/]+\/resolvers\//.test(path),
)

/** Types count too: whoever reads one file of a circle has to read them all. */
export const importsHaveNoCycles: Rule = (files) => {
  const targets = new Map(files.map(({ path, imports }) => [path, imports.filter(isFile)]))
  const finished = new Set<string>()
  const cycles: string[] = []
  const visit = (path: string, trail: string[]): void => {
    const start = trail.indexOf(path)
    if (start >= 0) cycles.push([...trail.slice(start), path].join(' imports '))
    if (start >= 0 || finished.has(path)) return
    for (const target of targets.get(path) ?? []) visit(target, [...trail, path])
    finished.add(path)
  }
  for (const path of targets.keys()) visit(path, [])
  return cycles
}
