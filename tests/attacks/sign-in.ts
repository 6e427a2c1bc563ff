import { ask, type Person, type Reply } from '../clients.ts'

const fields = 'accessToken refreshToken userId session { id }'

export interface Tokens {
  accessToken: string
  refreshToken: string
}

/** Tries a username and a password; any JSON at all. */
export const tryLogin = (url: string, username: unknown, password: unknown, headers: Record<string, string> = {}) =>
  ask<{ login: Tokens }>(
    url,
    `mutation ($input: LoginInput!) { login(input: $input) { ${fields} } }`,
    { input: { username, password } },
    headers,
  )

/** Trades a refresh token; without one, whatever the headers carry. */
export const tryRefresh = (url: string, refreshToken?: string, headers: Record<string, string> = {}) =>
  ask<{ refresh: Tokens }>(
    url,
    `mutation ($input: RefreshInput) { refresh(input: $input) { ${fields} } }`,
    refreshToken === undefined ? {} : { input: { refreshToken } },
    headers,
  )

export const tryChangePassword = (who: Person, currentPassword: string, newPassword: string) =>
  who.try<{ changePassword: Tokens }>(
    `mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { ${fields} } }`,
    { input: { currentPassword, newPassword } },
  )

/** All that a client is told, but for the time of the answer. */
export const answerOf = ({ status, headers, data, errors }: Reply<unknown>) =>
  JSON.stringify({
    status,
    data,
    errors,
    headers: [...headers].filter(([name]) => name !== 'date'),
  })
