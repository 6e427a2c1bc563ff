import { closeCodeTable, errorCodeTable } from './codes.ts'
import { configurationTable, knownNames } from './configuration.ts'
import { withGenerated } from './generated-part.ts'
import { operationCostTable, operationLimitTable } from './limits.ts'
import { faultTable, longRunTables } from './reliability.ts'

/** The pages that hold something made from the code, and what they should be. */
export const generatedPages: Record<string, (text: string) => string> = {
  'docs/operations.md': (text) => withGenerated(text, 'configuration', configurationTable()),
  'platform/config/known-names.ts': (text) => withGenerated(text, 'names', knownNames()),
  'docs/clients.md': (text) =>
    withGenerated(withGenerated(text, 'error-codes', errorCodeTable()), 'close-codes', closeCodeTable()),
  'docs/limits.md': (text) =>
    withGenerated(
      withGenerated(text, 'operation-limits', operationLimitTable()),
      'operation-costs',
      operationCostTable(),
    ),
  'docs/reliability.md': (text) =>
    withGenerated(withGenerated(text, 'faults', faultTable()), 'long-runs', longRunTables()),
}
