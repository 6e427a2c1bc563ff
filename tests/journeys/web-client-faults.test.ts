import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import type { Network } from '../../dev/network.ts'
import { builtWebClient, describeInBrowser, launchBrowser } from '../browser.ts'
import { createRoom, type Person, send, signUp } from '../clients.ts'
import { startSystem } from '../system.ts'

type Json = null | string | number | boolean | Json[] | { [name: string]: Json }
type Path = (string | number)[]

/** Every place in a value that holds something, but for the value itself. */
function pathsOf(value: Json, path: Path = []): Path[] {
  const own = path.length > 0 && value !== null ? [path] : []
  if (typeof value !== 'object' || value === null) return own
  return [...own, ...Object.entries(value).flatMap(([name, each]) => pathsOf(each, [...path, name]))]
}

function withNullAt(value: Json, [name, ...rest]: Path): Json {
  if (name === undefined) return null
  if (typeof value !== 'object' || value === null) return value
  const copy = structuredClone(value) as Record<string | number, Json>
  copy[name] = withNullAt(copy[name] ?? null, rest)
  return copy as Json
}

describeInBrowser('the web client, whatever happens to it,', () => {
  let system: Network
  let browser: Browser
  let ann: Person
  let page: Page
  let roomId: string

  beforeAll(async () => {
    system = await startSystem({ gateway: { webRoot: await builtWebClient() } })
    browser = await launchBrowser()
    ann = await signUp(system.url, 'Ann')
    roomId = await createRoom(ann, 'PUBLIC', 'Garden')
    await send(ann, roomId, 'hello')
    page = await (await browser.newContext()).newPage()
    page.setDefaultTimeout(20_000)
    await page.goto(`${system.url}/#/rooms/${roomId}`)
    await page.getByLabel('Username').fill(ann.username)
    await page.getByLabel('Password').fill(ann.password)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await hasTheRoom()
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await system?.stop()
  })
  afterEach(async () => {
    await page.unrouteAll({ behavior: 'ignoreErrors' })
  })

  const hasTheRoom = () => page.getByRole('article').filter({ hasText: 'hello' }).waitFor()
  const notice = () => page.locator('.problem-notice')
  /** There is something to read, and something to go on with. */
  const isUsable = () =>
    page.waitForFunction(() => {
      const isSeen = (node: Element) => (node as HTMLElement).checkVisibility()
      return [...document.querySelectorAll('button, a[href]')].some(isSeen) && document.body.innerText.trim() !== ''
    })

  it('shows a page for any address, and finds its way back', async () => {
    const hashes = [
      '%',
      '%zz',
      '%ff',
      '%00',
      '%2F',
      '%E0%A4%A',
      'x'.repeat(20_000),
      '..',
      '{}',
      "'",
      '%F0%9F%A6%8A',
      'undefined',
    ]
    for (const part of hashes) {
      await page.evaluate((hash) => {
        location.hash = hash
      }, `#/rooms/${part}`)
      await page.getByText('There is no such room').waitFor()
      await page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name: 'Garden' }).waitFor()
    }
    await page.reload()
    await page.getByText('There is no such room').waitFor()
    for (const address of ['?%', '?a=%zz&&&', '?__proto__=1#', '#/rooms/', '#//', '#%']) {
      await page.goto(`${system.url}/${address}`)
      await page.getByText('Choose a room').waitFor()
    }
    await page.goto(`${system.url}/#/rooms/${roomId}`)
    await hasTheRoom()
    expect(await notice().count()).toBe(0)
  })

  it('starts with any garbage in the storage of the browser', async () => {
    await page.evaluate(() => {
      for (const name of ['session', 'parley', 'draft', 'token', 'apollo-cache-persist']) {
        for (const value of ['{', 'null', '[]', 'undefined', '\u0000']) {
          localStorage.setItem(name, value)
          sessionStorage.setItem(name, value)
        }
      }
    })
    await page.reload()
    await isUsable()
  })

  it('shows an error that nothing caught, with a way on', async () => {
    await page.goto(`${system.url}/#/rooms/${roomId}`)
    await page.reload()
    await hasTheRoom()
    await page.evaluate(
      () =>
        void setTimeout(() => {
          throw new Error('thrown in the page')
        }),
    )
    await notice().getByText('thrown in the page').waitFor()
    await notice().getByRole('button', { name: 'Dismiss' }).click()
    expect(await notice().count()).toBe(0)
    await page.evaluate(() => void Promise.reject(new Error('rejected in the page')))
    await notice().getByText('rejected in the page').waitFor()
    await notice().getByRole('button', { name: 'Reload' }).click()
    await hasTheRoom()
    expect(await notice().count()).toBe(0)
  })

  it('shows it above a dialog, too', async () => {
    await page.getByRole('button', { name: 'New room' }).click()
    await page.evaluate(() => void Promise.reject(new Error('rejected behind a dialog')))
    await notice().getByText('rejected behind a dialog').waitFor()
    expect(await notice().evaluate((node) => node.matches(':popover-open'))).toBe(true)
    await page.getByRole('button', { name: 'Close' }).click()
    await notice().getByRole('button', { name: 'Dismiss' }).click()
    expect(await notice().count()).toBe(0)
  })

  it('says so when a send fails for a reason of the page itself', async () => {
    await page.evaluate(() => {
      crypto.getRandomValues = () => {
        throw new Error('no chance here')
      }
      Object.defineProperty(crypto, 'randomUUID', { value: undefined })
    })
    await page.getByLabel('Message', { exact: true }).fill('never sent')
    await page.getByLabel('Message', { exact: true }).press('Enter')
    await notice().getByText('no chance here').waitFor()
    expect(await page.getByLabel('Message', { exact: true }).inputValue()).toBe('never sent')
    await page.reload()
    await hasTheRoom()
  })

  it('is never blank, whichever field of an answer is null', async () => {
    const operationOf = (body: string) => /^\s*(?:query|mutation) (\w+)/.exec(JSON.parse(body).query)?.[1] ?? ''
    const answers = new Map<string, Json>()
    await page.route('**/graphql', async (route) => {
      const response = await route.fetch()
      answers.set(operationOf(route.request().postData() ?? '{}'), (await response.json()) as Json)
      await route.fulfill({ response })
    })
    await page.reload()
    await hasTheRoom()
    await page.unrouteAll({ behavior: 'wait' })
    const faults = [...answers].flatMap(([operation, answer]) => pathsOf(answer).map((path) => ({ operation, path })))
    expect(faults.length).toBeGreaterThan(20)
    for (const { operation, path } of faults) {
      await page.route('**/graphql', async (route) => {
        const response = await route.fetch()
        const isIt = operationOf(route.request().postData() ?? '{}') === operation
        const answer = (await response.json()) as Json
        await route.fulfill({ response, json: isIt ? withNullAt(answer, path) : answer })
      })
      await page.reload()
      // An answer without its session leaves the page trying to reach the server, and saying so.
      const isTrying = page.getByRole('status').filter({ hasText: 'Trying again' }).waitFor()
      await Promise.any([isUsable(), isTrying]).catch(() => {
        throw new Error(`The page is blank when ${operation} has null at ${path.join('.')}`)
      })
      await page.unrouteAll({ behavior: 'ignoreErrors' })
    }
    await page.reload()
    await hasTheRoom()
  }, 240_000)

  it('says so when an event of the room cannot be shown', async () => {
    await page.routeWebSocket('**/graphql', (socket) => {
      const server = socket.connectToServer()
      server.onMessage((frame) => {
        const read = JSON.parse(String(frame))
        const event = read.payload?.data?.roomEvents
        if (event?.messages) event.messages = null
        socket.send(JSON.stringify(read))
      })
    })
    await page.reload()
    await Promise.any([notice().waitFor(), page.getByRole('alert').first().waitFor()])
    await isUsable()
  })
})
