/** The most characters that the server takes in a message. */
export const textLimit = 4_000

export const isSendable = (text: string) => text.trim() !== '' && text.length <= textLimit
