import process from 'node:process'

// @apollo/gateway reports to its maker unless told otherwise before it is loaded. Import this file first.
process.env.APOLLO_TELEMETRY_DISABLED = '1'
