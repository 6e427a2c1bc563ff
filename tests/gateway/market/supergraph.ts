import { readFile } from 'node:fs/promises'
import { composeServices } from '@apollo/composition'
import { type DocumentNode, Kind, parse, visit } from 'graphql'

export type SubgraphName = 'stocks' | 'companies'

export const marketSdl = (name: SubgraphName) => readFile(new URL(`${name}.graphql`, import.meta.url), 'utf8')

/**
 * The market as clients see it. Both subgraphs can rate stocks; one of them is asked to. `without` names fields that are not shown, as
 * `Type.field`.
 */
export async function composeMarket({
  rater = 'companies',
  without = [],
}: {
  rater?: SubgraphName
  without?: string[]
} = {}): Promise<string> {
  const services = (['stocks', 'companies'] as const).map(async (name) => {
    const hidden = name === rater ? without : [...without, 'Stock.rating']
    return { name, url: `http://${name}`, typeDefs: withoutFields(parse(await marketSdl(name)), hidden) }
  })
  const { supergraphSdl, errors } = composeServices(await Promise.all(services))
  if (!supergraphSdl) throw new Error(String(errors))
  return supergraphSdl
}

const withoutFields = (sdl: DocumentNode, hidden: string[]): DocumentNode =>
  visit(sdl, {
    FieldDefinition(field, _, __, ___, ancestors) {
      const type = ancestors.findLast((node) => 'kind' in node && node.kind === Kind.OBJECT_TYPE_DEFINITION)
      const name = type && 'name' in type ? type.name?.value : undefined
      return hidden.includes(`${name}.${field.name.value}`) ? null : undefined
    },
  })
