import type { Config } from 'jest'

const config: Config = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.tsx?$': [
      '@swc/jest',
      { jsc: { target: 'es2024', parser: { syntax: 'typescript', tsx: false } }, module: { type: 'es6' } },
    ],
  },
  testMatch: ['**/*.test.ts'],
  modulePathIgnorePatterns: ['/data/', '/dist/'],
  globalSetup: '<rootDir>/tests/servers/global-setup.ts',
  globalTeardown: '<rootDir>/tests/servers/global-teardown.ts',
  testTimeout: 30_000,
  maxWorkers: 2,
  reporters: ['default', '<rootDir>/tests/reporter.ts'],
}

export default config
