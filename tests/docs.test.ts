import { readFileSync } from 'node:fs'
import { expect, it } from '@jest/globals'
import { generatedPages } from '../dev/docs/generated.ts'

it.each(Object.entries(generatedPages))('%s has its tables as the code has them (npm run docs)', (path, generate) => {
  const text = readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
  expect(text).toBe(generate(text))
})
