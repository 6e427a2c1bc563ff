import { errorAdvice } from '../../platform/errors/app-error.ts'
import { closeAdvice, closeCodes } from '../../schema/close-codes.ts'

export function errorCodeTable(): string {
  const rows = Object.entries(errorAdvice).map(([code, { advice, next }]) => `| \`${code}\` | ${advice} | ${next} |`)
  return ['| `extensions.code` | what to do | next step |', '|---|---|---|', ...rows].join('\n')
}

export function closeCodeTable(): string {
  const rows = Object.entries(closeAdvice).map(
    ([closing, { meaning, advice, next }]) =>
      `| ${closeCodes[closing as keyof typeof closeCodes]} | ${meaning} | ${advice} | ${next} |`,
  )
  return ['| close code | meaning | what to do | next step |', '|---|---|---|---|', ...rows].join('\n')
}
