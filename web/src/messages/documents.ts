import { graphql } from '../generated/gql.ts'

export const EditMessage = graphql(`
  mutation EditMessage($input: EditMessageInput!) { editMessage(input: $input) { ...MessageParts } }
`)

export const DeleteMessage = graphql(`
  mutation DeleteMessage($messageId: ID!) { deleteMessage(messageId: $messageId) { ...MessageParts } }
`)
