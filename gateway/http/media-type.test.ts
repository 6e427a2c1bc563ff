import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { mediaTypeFor, mediaTypeOfErrors, prefersPage } from './media-type.ts'

const json = 'application/json; charset=utf-8'
const graphql = 'application/graphql-response+json; charset=utf-8'

describe('the media type of an answer', () => {
  it.each([
    [undefined, json],
    ['', json],
    ['*/*', json],
    ['application/*', json],
    ['application/json', json],
    ['APPLICATION/JSON;charset=UTF-8', json],
    ['application/graphql-response+json', graphql],
    ['application/graphql-response+json; charset=utf-8, application/json; charset=utf-8', graphql],
    ['application/graphql-response+json,application/json;q=0.9', graphql],
    ['multipart/mixed;deferSpec=20220824,application/graphql-response+json,application/json;q=0.9', graphql],
    ['application/json;q=0.5, application/graphql-response+json;q=0.6', graphql],
    ['application/json;q=0.6, application/graphql-response+json;q=0.5', json],
    ['application/json;q=0, */*', graphql],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', json],
    ['application/graphql-response+json;q=0', undefined],
    ['text/html', undefined],
    ['text/event-stream', undefined],
    ['multipart/mixed', undefined],
    ['application/xml', undefined],
    ['application/json;q=0', undefined],
    ['nonsense', undefined],
  ])('for accept: %s is %s', (accept, mediaType) => {
    expect(mediaTypeFor(accept)).toBe(mediaType)
  })

  it('is one that the client accepts or, for an error, JSON, whatever the header says', () => {
    const type = fc.constantFrom('application/json', 'application/graphql-response+json', 'text/html', '*/*', 'a/*', '')
    const weight = fc.constantFrom('', ';q=0', ';q=0.5', ';q=1', ';q=x', ';charset=utf-8')
    const header = fc.array(
      fc.tuple(type, weight).map((parts) => parts.join('')),
      { maxLength: 5 },
    )
    fc.assert(
      fc.property(
        fc.oneof(
          header.map((parts) => parts.join(',')),
          fc.string(),
        ),
        (accept) => {
          expect([json, graphql, undefined]).toContain(mediaTypeFor(accept))
          expect([json, graphql]).toContain(mediaTypeOfErrors(accept))
        },
      ),
    )
  })

  it('is a page for a browser only', () => {
    expect(prefersPage('text/html,application/xhtml+xml,*/*;q=0.8')).toBe(true)
    for (const accept of [undefined, '*/*', 'application/json', 'application/graphql-response+json, text/html;q=0.5']) {
      expect(prefersPage(accept)).toBe(false)
    }
  })
})
