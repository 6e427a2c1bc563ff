import { readFile, writeFile } from 'node:fs/promises'
import { composeServices } from '@apollo/composition'
import federation from '@apollo/federation-internals'
import { parse, printSchema } from 'graphql'

/** The subgraphs in the order they are composed. */
const subgraphNames = ['auth', 'profile', 'chat'] as const

const at = (file: string) => new URL(file, import.meta.url)

/** Every published file by name, as the subgraphs' SDL would have it now. Throws an error that lists what does not compose. */
async function composeSchemas(): Promise<Map<string, string>> {
  const services = await Promise.all(
    subgraphNames.map(async (name) => ({
      name,
      sdl: await readFile(at(`../subgraphs/${name}/schema.graphql`), 'utf8'),
    })),
  )
  const { supergraphSdl, errors } = composeServices(
    services.map(({ name, sdl }) => ({ name, url: `http://${name}`, typeDefs: parse(sdl) })),
  )
  if (!supergraphSdl) {
    throw new Error(`The subgraphs do not compose:\n${errors?.map((error) => `- ${error.message}`).join('\n')}`)
  }
  const files = new Map(services.map(({ name, sdl }) => [`${name}.graphql`, sdl]))
  const apiSchema = federation.Supergraph.build(supergraphSdl).apiSchema().toGraphQLJSSchema()
  files.set('supergraph.graphql', `${supergraphSdl}\n`)
  files.set('api.graphql', `${printSchema(apiSchema)}\n`)
  return files
}

/** The published files that differ from what the subgraphs' SDL gives. Empty means up to date. */
export async function staleSchemas(): Promise<string[]> {
  const stale: string[] = []
  for (const [file, text] of await composeSchemas()) {
    const published = await readFile(at(file), 'utf8').catch(() => undefined)
    if (published !== text) stale.push(file)
  }
  return stale
}

if (import.meta.main) {
  for (const [file, text] of await composeSchemas()) await writeFile(at(file), text)
}
