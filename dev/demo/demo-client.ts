export interface DemoUser {
  username: string
  displayName: string
  password: string
}

interface Reply<T> {
  data?: T
  errors?: { message: string; extensions: { code: string } }[]
}

async function post<T>(url: string, query: string, variables: object, token?: string): Promise<Reply<T>> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(30_000),
  })
  return (await response.json()) as Reply<T>
}

/** Asks the graph. Throws the first error. */
export async function ask<T>(url: string, query: string, variables: object, token?: string): Promise<T> {
  const { data, errors } = await post<T>(url, query, variables, token)
  if (!data || errors) throw new Error(errors?.[0]?.message ?? 'no answer')
  return data
}

/** Registers the user, or signs in who is registered already. Gives an access token. */
export async function signIn(url: string, { username, displayName, password }: DemoUser): Promise<string> {
  type SignedIn = Record<'signIn', { accessToken: string }>
  const register = 'mutation ($input: RegisterInput!) { signIn: register(input: $input) { accessToken } }'
  const registered = await post<SignedIn>(url, register, { input: { username, displayName, password } })
  if (registered.data && !registered.errors) return registered.data.signIn.accessToken
  const login = 'mutation ($input: LoginInput!) { signIn: login(input: $input) { accessToken } }'
  return (await ask<SignedIn>(url, login, { input: { username, password } })).signIn.accessToken
}
