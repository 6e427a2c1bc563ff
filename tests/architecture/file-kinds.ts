/** The technologies that adapters are named after. */
const technologies = 'mysql|mongodb|redis|kafka|sqlite|memory'

/** A test, or what only tests use. */
export const isTest = (path: string) => /\.(test|harness)\.tsx?$|(^|\/)(tests|testing)\//.test(path)
export const isContract = (path: string) => path.endsWith('.contract.ts')
export const isGenerated = (path: string) => path.includes('/generated/')
export const isAdapter = (path: string) => new RegExp(`\\.(${technologies})\\.ts$`).test(path)
export const isFile = (target: string) => /\.tsx?$/.test(target) && target.includes('/')

/** What a person reads and changes: no tests, no contract suites, nothing generated. */
export const isSource = (path: string) => !isTest(path) && !isContract(path) && !isGenerated(path)

/** The part of the repository that a file belongs to: `platform`, `subgraphs/chat`, … */
export const partOf = (path: string) =>
  (path.startsWith('subgraphs/') ? path.split('/').slice(0, 2) : path.split('/').slice(0, 1)).join('/')

/** Whether the import is of this package or of something in it. */
export const isPackage = (target: string, name: string) => target === name || target.startsWith(`${name}/`)
