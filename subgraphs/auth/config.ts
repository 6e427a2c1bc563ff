import type { SignInRules } from './domain/sign-in-limits.ts'

/** What the auth subgraph is told. Lifetimes are in seconds. */
export interface AuthConfig {
  host: string
  /** Port 0 takes any free one. */
  port: number
  /** The `iss` and `aud` of every access token. */
  issuer: string
  audience: string
  /** At least 32 characters. Signing keys are sealed with it and refresh tokens derive from it. */
  secret: string
  accessTokenLifetime: number
  /** How long a session lives that is not refreshed. */
  refreshTokenLifetime: number
  /** How long a refresh token that was traded still gives the same successor, as long as nobody has used that one. */
  refreshGrace: number
  bcryptCost: number
  /** Whether the refresh cookie goes over HTTPS only. */
  secureCookies: boolean
  limits: SignInRules
}

/** What holds unless something else is configured. */
export const authDefaults = {
  accessTokenLifetime: 600,
  refreshTokenLifetime: 30 * 86_400,
  refreshGrace: 10,
  bcryptCost: 12,
  limits: { loginsPerAddress: 20, registrationsPerAddress: 20, failuresPerAccount: 10 },
} satisfies Partial<AuthConfig>
