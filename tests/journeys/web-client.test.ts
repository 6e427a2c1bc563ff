import { afterAll, beforeAll, expect, it } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { builtWebClient, describeInBrowser, type LossyNetwork, launchBrowser, openLossyNetwork } from '../browser.ts'
import { createRoom, joinRoom, send as sendMessage, signUp } from '../clients.ts'
import { onEachEngine, type System } from '../engines.ts'

const password = 'four plain words here'
const roomName = 'Garden'

const messageBox = (page: Page) => page.getByLabel('Message', { exact: true })
const messages = (page: Page) => page.getByRole('log', { name: 'Messages' })
const message = (page: Page, text: string) => messages(page).getByRole('article').filter({ hasText: text })
const reconnecting = (page: Page) => page.getByRole('status').filter({ hasText: 'Reconnecting' })
const roomLink = (page: Page) => page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name: roomName })

/** Waits until the list shows these texts, each once and in this order. */
async function shows(page: Page, texts: string[]): Promise<void> {
  const lastText = texts.at(-1) ?? ''
  await message(page, lastText).waitFor()
  const shown = await messages(page).getByRole('article').allInnerTexts()
  expect(shown.map((text) => texts.find((wanted) => text.includes(wanted)))).toEqual(texts)
}

async function send(page: Page, text: string): Promise<void> {
  await messageBox(page).fill(text)
  await messageBox(page).press('Enter')
}

async function makeRoom(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'New room' }).click()
  await page.getByLabel('Name', { exact: true }).fill(roomName)
  await page.getByLabel('Topic').fill('Plants')
  await page.getByRole('button', { name: 'Create room' }).click()
  await messageBox(page).waitFor()
}

async function register(browser: Browser, url: string, name: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage()
  page.setDefaultTimeout(20_000)
  await page.goto(url)
  await page.getByRole('button', { name: 'Create an account' }).click()
  await page.getByLabel('Username').fill(name.toLowerCase())
  await page.getByLabel('Display name').fill(name)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Create account' }).click()
  await page.getByRole('navigation', { name: 'Rooms' }).waitFor()
  return page
}

onEachEngine('the web client', (start) =>
  describeInBrowser('in two browsers', () => {
    let system: System
    let network: LossyNetwork
    let browser: Browser
    let ann: Page
    let ben: Page
    const complaints: string[] = []

    beforeAll(async () => {
      const webRoot = await builtWebClient()
      system = await start({ webRoot })
      network = await openLossyNetwork(system.otherUrl)
      browser = await launchBrowser()
      ann = await register(browser, system.url, 'Ann')
      ben = await register(browser, network.url, 'Ben')
      for (const page of [ann, ben]) page.on('pageerror', (error) => complaints.push(error.message))
    }, 120_000)

    afterAll(async () => {
      await browser?.close()
      await network?.close()
      await system?.stop()
    })

    it('lets one person make a room and another find and join it', async () => {
      await makeRoom(ann)

      await ben.getByRole('button', { name: 'Browse rooms' }).click()
      await ben.getByLabel('Search public rooms').fill('gard')
      await ben.getByRole('button', { name: `Join ${roomName}` }).click()
      await messageBox(ben).waitFor()
      await roomLink(ben).waitFor()
    })

    it('brings messages to both windows at once, in one order', async () => {
      await send(ann, 'first from Ann')
      await message(ben, 'first from Ann').waitFor()
      await send(ben, 'second from Ben')
      for (const page of [ann, ben]) await shows(page, ['first from Ann', 'second from Ben'])
    })

    it('has the messages again after a reload, without signing in', async () => {
      await ben.reload()
      await shows(ben, ['first from Ann', 'second from Ben'])
    })

    it('says that it reconnects, then has every message once and in order', async () => {
      network.cut()
      await reconnecting(ben).waitFor()
      await send(ann, 'third, while Ben was away')
      await message(ann, 'third, while Ben was away').waitFor()
      await send(ben, 'fourth, written while away')

      network.mend()
      await reconnecting(ben).waitFor({ state: 'hidden' })
      await message(ann, 'fourth, written while away').waitFor()
      await message(ben, 'third, while Ben was away').waitFor()
      await ben.getByText('Sending…').waitFor({ state: 'hidden' })
      await send(ann, 'fifth')
      const all = ['first', 'second', 'third', 'fourth', 'fifth']
      for (const page of [ann, ben]) await shows(page, all)
    })

    it('shows an edit and a deletion in the other window', async () => {
      await message(ann, 'first from Ann').getByRole('button', { name: 'Edit message' }).click()
      await ann.getByLabel('Edited text').fill('first, mended')
      await ann.getByLabel('Edited text').press('Enter')
      await message(ben, 'first, mended (edited)').waitFor()

      await message(ann, 'third').getByRole('button', { name: 'Delete message' }).click()
      await message(ben, 'Message deleted').waitFor()
      await shows(ben, ['first, mended', 'second', 'Message deleted', 'fourth', 'fifth'])
    })

    it('offers older messages where there are some, and tells of new ones of others, not of one’s own', async () => {
      const older = (page: Page) => page.getByRole('button', { name: 'Load older messages' })
      const jump = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
      await shows(ben, ['first, mended', 'second', 'Message deleted', 'fourth', 'fifth'])
      expect(await older(ben).count()).toBe(0)

      // Somebody who writes from elsewhere: with the same account, and not in this window.
      const carl = await signUp(system.url, 'Carl')
      const page = await (await browser.newContext()).newPage()
      page.setDefaultTimeout(20_000)
      await page.goto(system.url)
      await page.getByLabel('Username').fill(carl.username)
      await page.getByLabel('Password').fill(carl.password)
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      const roomId = await createRoom(carl)
      for (let count = 1; count <= 130; count += 1) await sendMessage(carl, roomId, `line ${count}.`)
      await page.goto(`${system.url}/#/rooms/${roomId}`)
      await message(page, 'line 130.').waitFor()
      await older(page).waitFor()
      await messages(page).evaluate((list) => list.scrollTo(0, 0))
      await message(page, 'line 1.').waitFor()
      await older(page).waitFor({ state: 'detached' })

      await messages(page).evaluate((list) => list.scrollTo(0, 0))
      await jump(page, 'Newest messages').waitFor()
      await sendMessage(carl, roomId, 'my own, from elsewhere')
      await message(page, 'my own, from elsewhere').waitFor()
      expect(await jump(page, 'New messages').count()).toBe(0)
      const dora = await signUp(system.url, 'Dora')
      await joinRoom(dora, roomId)
      await sendMessage(dora, roomId, 'somebody else’s')
      await message(page, 'somebody else’s').waitFor()
      await jump(page, 'New messages').waitFor()
      await page.context().close()
    }, 60_000)

    it('signs out every tab of the session, and stays signed out after a reload', async () => {
      const tab = await ben.context().newPage()
      await tab.goto(ben.url())
      await message(tab, 'fifth').waitFor()
      await tab.getByRole('button', { name: 'Sign out' }).click()
      await tab.getByRole('button', { name: 'Sign in', exact: true }).waitFor()
      await ben.getByText('You have been signed out').waitFor()
      await ben.reload()
      await ben.getByRole('button', { name: 'Sign in', exact: true }).waitFor()
    })

    it('has met no error of its own', () => {
      expect(complaints).toEqual([])
    })
  }),
)

onEachEngine('the web client', (start) =>
  describeInBrowser('with tokens that soon expire', () => {
    let system: System
    let browser: Browser

    beforeAll(async () => {
      const webRoot = await builtWebClient()
      system = await start({ webRoot, accessTokenLifetime: 3 })
      browser = await launchBrowser()
    }, 120_000)

    afterAll(async () => {
      await browser?.close()
      await system?.stop()
    })

    it('tells its socket every new token and stays connected', async () => {
      const page = await register(browser, system.url, 'Cleo')
      let sockets = 0
      let told = 0
      const toldOften = new Promise<void>((resolve) => {
        page.on('websocket', (socket) => {
          sockets++
          socket.on('framesent', ({ payload }) => {
            const { type, payload: sent } = JSON.parse(String(payload))
            if (type === 'ping' && sent?.authorization?.startsWith('Bearer ') && ++told === 4) resolve()
          })
        })
      })
      await makeRoom(page)
      // Each token holds for three seconds, so by the fourth the first has run out.
      await toldOften
      await send(page, 'still here')
      await shows(page, ['still here'])
      expect(sockets).toBe(1)
      expect(await reconnecting(page).count()).toBe(0)
    })
  }),
)
