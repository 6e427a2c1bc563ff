/** What the network puts into its access tokens. */
export const tokens = { issuer: 'parley-auth', audience: 'parley' }
/** What a load from a handful of users at one address needs. Hashes of passwords are cheap: nobody measures them here. */
export const unlimited = {
  pointsPerMinute: { ofUser: 1e12, ofAddress: 1e12 },
  sockets: {
    streams: {
      perUser: 1e6,
      perAddress: 1e6,
      variantsPerUser: 1e6,
      variantsPerAddress: 1e6,
      unsharedPerUser: 1e6,
    },
    socketsPerUser: 1e6,
    socketsPerAddress: 1e6,
    pendingSockets: { perAddress: 1e6, total: 1e6 },
  },
  auth: {
    accessTokenLifetime: 86_400,
    bcryptCost: 4,
    limits: {
      loginsPerAddress: 1e6,
      registrationsPerAddress: 1e6,
      failuresPerAccount: 1e6,
      passwordChangesPerAccount: 1e6,
    },
  },
}

/** The same for separate processes. */
export const unlimitedVariables = {
  POINTS_PER_MINUTE: '1000000000000',
  ADDRESS_POINTS_PER_MINUTE: '1000000000000',
  SOCKETS_PER_USER: '1000000',
  STREAMS_PER_USER: '1000000',
  STREAMS_PER_ADDRESS: '1000000',
  SOCKETS_PER_ADDRESS: '1000000',
  PENDING_SOCKETS_PER_ADDRESS: '1000000',
  PENDING_SOCKETS: '1000000',
  CONNECTIONS_PER_ADDRESS: '1000000',
  ACCESS_TOKEN_LIFETIME: '86400',
  BCRYPT_COST: '4',
  LOGINS_PER_ADDRESS: '1000000',
  REGISTRATIONS_PER_ADDRESS: '1000000',
}
