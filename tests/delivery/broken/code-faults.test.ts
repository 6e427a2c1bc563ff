import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { partNames } from '../target/part-names.ts'
import { codeFaults } from './code-faults.ts'

describe('the faults that check the checker', () => {
  // They are run by `npm run check:faults`; what can be seen at once is whether the code that they break is still there.
  it.each(codeFaults)('$name: the code that it breaks is there, once', ({ file, find, replace }) => {
    const code = readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8')
    expect(code.split(find)).toHaveLength(2)
    expect(replace).not.toBe(find)
  })

  it.each(codeFaults)('$name: its engine has the parts that are taken away', ({ run: { engine, kills } }) => {
    expect(partNames[engine]).toEqual(expect.arrayContaining(kills))
  })
})
