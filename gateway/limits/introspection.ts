import { type DocumentNode, visit } from 'graphql'
import { badInput } from '../../platform/errors/app-error.ts'

/** In production the graph does not describe itself. */
export function checkIntrospection(document: DocumentNode): void {
  visit(document, {
    Field: ({ name }) => {
      if (name.value === '__schema' || name.value === '__type')
        throw badInput('query', 'must not use introspection here')
    },
  })
}
