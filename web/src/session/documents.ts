import { graphql } from '../generated/gql.ts'

export const SignedInParts = graphql(`
  fragment SignedInParts on SignedIn {
    accessToken
    accessTokenExpiresAt
    session { id lastSeenAt }
    userId
    user { id username displayName avatarUrl }
  }
`)

export const Register = graphql(`
  mutation Register($input: RegisterInput!) { register(input: $input) { ...SignedInParts } }
`)

export const Login = graphql(`
  mutation Login($input: LoginInput!) { login(input: $input) { ...SignedInParts } }
`)

export const Refresh = graphql(`
  mutation Refresh { refresh { ...SignedInParts } }
`)

export const Logout = graphql(`
  mutation Logout { logout }
`)
