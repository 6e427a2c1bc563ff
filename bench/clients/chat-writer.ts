import { randomUUID } from 'node:crypto'
import { createPassports, passportHeader } from '../../platform/identity/passport.ts'

export interface ChatWriterOptions {
  /** Where chat is. */
  url: string
  passportKeys: string[]
  accessToken: string
}

const query = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { seq } } }'

/** Sends at chat itself, as a gateway would: a gateway that is measured then does nothing but deliver. */
export function createChatWriter({ url, passportKeys, accessToken }: ChatWriterOptions) {
  const passports = createPassports(passportKeys)
  return async (roomId: string, text: string): Promise<void> => {
    const body = JSON.stringify({ query, variables: { input: { roomId, text, clientMessageId: randomUUID() } } })
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${accessToken}`,
        [passportHeader]: passports.issue('chat', body),
      },
      body,
    })
    const reply = await response.text()
    if (!reply.includes('"seq"')) throw new Error(`chat answered ${response.status}: ${reply}`)
  }
}
