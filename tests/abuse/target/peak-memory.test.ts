import { expect, it } from '@jest/globals'
import { peakIn, readPeak } from './peak-memory.ts'

it('reads the peak of the resident set in bytes', () => {
  expect(peakIn('Name:\tnode\nVmPeak:\t 900 kB\nVmHWM:\t   1200 kB\nVmRSS:\t 700 kB\n')).toBe(1_228_800)
})

it('throws when the operating system tells no peak, which would otherwise be under every limit', () => {
  expect(() => peakIn('Name:\tnode\nVmRSS:\t 700 kB\n')).toThrow('no VmHWM')
})

const onLinux = process.platform === 'linux' ? it : it.skip
onLinux('knows the peak of this process', () => {
  expect(readPeak()).toBeGreaterThan(1_000_000)
})
