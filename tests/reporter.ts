import process from 'node:process'
import type { AggregatedResult, Reporter } from '@jest/reporters'

/** Says at the end what was not run, and how much passed. In CI, something left out fails the run. */
export default class ClosingReporter implements Reporter {
  #error: Error | undefined

  onRunComplete(_: unknown, results: AggregatedResult): void {
    const { numPassedTests, numFailedTests, numFailedTestSuites, numPendingTests } = results
    const notRun = results.testResults.flatMap(({ testResults }) =>
      testResults.filter(({ status }) => status === 'pending').map(({ fullName }) => fullName),
    )
    if (notRun.length > 0) {
      process.stderr.write(
        '\nNOT RUN, because something is missing on this machine (servers: npm run stack -- install; docs/testing.md):\n',
      )
      for (const name of notRun) process.stderr.write(`  - ${name}\n`)
      if (process.env.CI) this.#error = new Error('In CI nothing may be left out')
    }
    const failed = Math.max(numFailedTests, numFailedTestSuites)
    process.stderr.write(`\n${numPassedTests} passed, ${failed} failed, ${numPendingTests} skipped\n`)
  }

  getLastError(): Error | undefined {
    return this.#error
  }
}
