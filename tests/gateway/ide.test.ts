import { afterAll, beforeAll, expect, it } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import type { Network } from '../../dev/network.ts'
import { describeInBrowser, launchBrowser } from '../browser.ts'
import { createRoom, type Person, send, signUp } from '../clients.ts'
import { startSystem } from '../system.ts'

describeInBrowser('the IDE', () => {
  let system: Network
  let browser: Browser
  let ann: Person
  const foreign: string[] = []
  const complaints: string[] = []

  beforeAll(async () => {
    system = await startSystem()
    ann = await signUp(system.url, 'Ann')
    browser = await launchBrowser()
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await system?.stop()
  })

  /** Opens the IDE with this operation, and these headers typed in, and runs it. */
  async function run(query: string, headers: object): Promise<Page> {
    const page = await (await browser.newContext()).newPage()
    page.setDefaultTimeout(20_000)
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('request', (request) => {
      const url = request.url().replace(/^blob:/, '')
      if (!url.startsWith(`${system.url}/`) && !url.startsWith('data:')) foreign.push(url)
    })
    page.on('websocket', (socket) => {
      if (!socket.url().startsWith(system.url.replace(/^http/, 'ws'))) foreign.push(socket.url())
    })
    await page.goto(`${system.url}/ide?${new URLSearchParams({ query })}`)
    await page.getByRole('button', { name: 'Headers' }).click()
    await page.locator('.monaco-editor[data-uri*="headers"]').click()
    await page.keyboard.insertText(JSON.stringify(headers))
    await page.getByRole('button', { name: /Execute query/ }).click()
    return page
  }
  const shows = (page: Page, text: string) => page.locator('.result-window').getByText(text).first().waitFor()

  it('runs a query as the user of its Headers', async () => {
    const page = await run('{ me { displayName } }', ann.headers)
    await shows(page, '"Ann"')
  })

  it('runs a subscription as the user of its Headers', async () => {
    const roomId = await createRoom(ann, 'PRIVATE')
    const query = `subscription { roomEvents(roomId: "${roomId}") { __typename ... on MessageSent { message { text } } } }`
    const page = await run(query, ann.headers)
    await shows(page, '"RoomSnapshot"')
    await send(ann, roomId, 'typed elsewhere')
    await shows(page, '"typed elsewhere"')
  })

  it('asks no other host for anything, and has nothing to complain of', () => {
    expect(foreign).toEqual([])
    expect(complaints).toEqual([])
  })
})
