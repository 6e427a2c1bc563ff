import { type DocumentNode, visit } from 'graphql'
import { badInput } from '../../platform/errors/app-error.ts'

/** Aliases repeat a field's work within one request: a document holds at most `max`. */
export function checkAliases(document: DocumentNode, max: number): void {
  let aliases = 0
  visit(document, {
    Field: ({ alias }) => {
      if (alias) aliases += 1
    },
  })
  if (aliases > max) throw badInput('query', `must have at most ${max} aliases`)
}
