import { errorAdvice } from '../../platform/errors/app-error.ts'
import { closeAdvice, closeCodes } from '../../schema/close-codes.ts'

export function errorCodeTable(): string {
  const rows = Object.entries(errorAdvice).map(([code, advice]) => `| \`${code}\` | ${advice} |`)
  return ['| `extensions.code` | what to do |', '|---|---|', ...rows].join('\n')
}

export function closeCodeTable(): string {
  const rows = Object.entries(closeAdvice).map(
    ([closing, { meaning, advice }]) =>
      `| ${closeCodes[closing as keyof typeof closeCodes]} | ${meaning} | ${advice} |`,
  )
  return ['| close code | meaning | what to do |', '|---|---|---|', ...rows].join('\n')
}
