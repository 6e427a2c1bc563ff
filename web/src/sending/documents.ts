import { graphql } from '../generated/gql.ts'

export const SendMessage = graphql(`
  mutation SendMessage($input: SendMessageInput!) {
    sendMessage(input: $input) { duplicate message { ...MessageParts } }
  }
`)
