import Negotiator from 'negotiator'
import { isLong } from './header-bounds.ts'

const json = 'application/json; charset=utf-8'

/** What the graph answers in. A client without a preference, or without an `accept` header, gets the first: every client reads it. */
const mediaTypes = [json, 'application/graphql-response+json; charset=utf-8']

/** The media type that an `accept` header prefers among those of the graph; undefined when it accepts none of them. */
export function mediaTypeFor(accept: string | undefined): string | undefined {
  if (!accept) return json
  if (isLong('accept', accept)) return undefined
  if (!accept.trim()) return json
  return new Negotiator({ headers: { accept } }).mediaType(mediaTypes)
}

/** An error is answered even to a client that accepts nothing that is there: it has to learn why. */
export const mediaTypeOfErrors = (accept: string | undefined): string => mediaTypeFor(accept) ?? json

/** Whether a page is what the client would rather have: a browser that opens the address. */
export function prefersPage(accept: string | undefined): boolean {
  if (accept === undefined || isLong('accept', accept)) return false
  return new Negotiator({ headers: { accept } }).mediaType([...mediaTypes, page]) === page
}

const page = 'text/html'
