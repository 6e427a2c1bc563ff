declare module 'negotiator' {
  /** Picks what a request's headers prefer. */
  export default class Negotiator {
    constructor(request: { headers: { accept?: string } })
    /** The preferred one of the available media types; undefined when none is accepted. */
    mediaType(available: string[]): string | undefined
  }
}
