import { afterAll, beforeAll, expect, it } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import type { Network } from '../../dev/network.ts'
import { describeInBrowser, launchBrowser } from '../browser.ts'
import { createRoom, type Person, send, signUp } from '../clients.ts'
import { startSystem } from '../system.ts'
import { startViteProject, type ViteProject } from '../vite-project.ts'

const main = `
  import { createParleyClient } from '@parley/client'
  globalThis.createParleyClient = createParleyClient
  globalThis.ask = async (url, query, headers = {}) => {
    const request = { method: 'POST', credentials: 'include', body: JSON.stringify({ query }) }
    const response = await fetch(url + '/graphql', { ...request, headers: { 'content-type': 'application/json', ...headers } })
    return { status: response.status, retryAfter: response.headers.get('retry-after'), ...(await response.json()) }
  }
`

interface PageGlobals {
  createParleyClient: typeof import('../../client/parley-client.ts').createParleyClient
  ask(url: string, query: string, headers?: object): Promise<{ status: number; data?: unknown; errors?: unknown }>
  texts: string[]
}

describeInBrowser('a Vite project on another port', () => {
  let system: Network
  let closed: Network
  let project: ViteProject
  let browser: Browser
  let page: Page
  let ann: Person
  /** By the name that the page has, too: cookies make a difference between names, not between ports. */
  let url: string

  beforeAll(async () => {
    system = await startSystem()
    closed = await startSystem({ gateway: { development: false } })
    url = system.url.replace('127.0.0.1', 'localhost')
    ann = await signUp(system.url, 'Ann')
    project = await startViteProject(main)
    browser = await launchBrowser()
    page = await (await browser.newContext()).newPage()
    page.setDefaultTimeout(20_000)
    await page.goto(project.url)
    await page.waitForFunction(() => 'ask' in globalThis)
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await project?.stop()
    await system?.stop()
    await closed?.stop()
  })

  const ask = (at: string, query: string, headers: object = {}) =>
    page.evaluate(([to, text, more]) => (globalThis as unknown as PageGlobals).ask(to, text, more), [
      at,
      query,
      headers,
    ] as const)

  it('asks by fetch, and reads refusals as well as answers', async () => {
    expect(await ask(url, '{ me { displayName } }', ann.headers)).toMatchObject({
      data: { me: { displayName: 'Ann' } },
    })
    const refused = await ask(url, '{ __typename }', { authorization: 'Bearer a.b.c' })
    expect(refused).toMatchObject({ status: 401, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] })
  })

  it('keeps its session in the cookie, because the name is the same', async () => {
    const credentials = `{ username: "${ann.username}", password: "${ann.password}" }`
    await ask(url, `mutation { login(input: ${credentials}) { userId } }`)
    expect(await ask(url, 'mutation { refresh { userId } }')).toMatchObject({
      data: { refresh: { userId: ann.userId } },
    })
    // Another name is another site: there the refresh token goes into the mutation.
    const elsewhere = await ask(system.url, 'mutation { refresh { userId } }')
    expect(elsewhere).toMatchObject({ errors: [expect.anything()] })
    const again = `mutation { refresh(input: { refreshToken: "${ann.refreshToken}" }) { userId } }`
    expect(await ask(system.url, again)).toMatchObject({ data: { refresh: { userId: ann.userId } } })
  })

  it('follows a room with @parley/client', async () => {
    const roomId = await createRoom(ann, 'PRIVATE')
    await page.evaluate(
      ([at, token, room]) => {
        const { createParleyClient } = globalThis as unknown as PageGlobals
        const texts: string[] = []
        Object.assign(globalThis, { texts })
        createParleyClient({ url: `${at.replace(/^http/, 'ws')}/graphql`, token: async () => token }).follow({
          query: `subscription ($roomId: ID!, $after: String) { roomEvents(roomId: $roomId, after: $after) {
            __typename cursor ... on RoomSnapshot { reset } ... on MessageSent { message { text } } } }`,
          variables: { roomId: room },
          onEvent: (event) => {
            const { __typename, message } = event as { __typename: string; message?: { text: string } }
            texts.push(message?.text ?? __typename)
          },
        })
      },
      [url, ann.accessToken, roomId] as const,
    )
    const heard = (text: string) =>
      page.waitForFunction((wanted) => (globalThis as unknown as PageGlobals).texts.includes(wanted), text)
    await heard('RoomSnapshot')
    await send(ann, roomId, 'over the fence')
    await heard('over the fence')
  })

  it('may do none of that in production, unless it is on the list', async () => {
    await expect(ask(closed.url, '{ __typename }')).rejects.toThrow('Failed to fetch')
    const closedWith = await page.evaluate(
      (at) =>
        new Promise((resolve) => {
          new WebSocket(`${at.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws').onclose = ({ code }) =>
            resolve(code)
        }),
      closed.url,
    )
    expect(closedWith).toBe(1006)
  })
})
