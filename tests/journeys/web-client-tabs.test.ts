import { afterAll, beforeAll, expect, it } from '@jest/globals'
import type { Browser, BrowserContext, Page, Response } from 'playwright-core'
import { builtWebClient, describeInBrowser, launchBrowser } from '../browser.ts'
import { onEachEngine, type System } from '../engines.ts'

const rounds = 6
/** Its pages are no secure context, as those of any plain http origin but localhost. */
const insecureHost = 'parley.test'
const rooms = (page: Page) => page.getByRole('navigation', { name: 'Rooms' })

const isRefresh = (response: Response) => (response.request().postData() ?? '').includes('mutation Refresh')

async function register(page: Page, url: string, username: string): Promise<void> {
  await page.goto(url)
  await page.getByRole('button', { name: 'Create an account' }).click()
  await page.getByLabel('Username').fill(username)
  await page.getByLabel('Display name').fill(username)
  await page.getByLabel('Password').fill('four plain words here')
  await page.getByRole('button', { name: 'Create account' }).click()
  await rooms(page).waitFor()
}

onEachEngine('six tabs of one browser', (start) =>
  describeInBrowser('with tokens that soon expire', () => {
    let system: System
    let browser: Browser
    beforeAll(async () => {
      system = await start({ webRoot: await builtWebClient(), accessTokenLifetime: 4 })
      browser = await launchBrowser(`--host-resolver-rules=MAP ${insecureHost} 127.0.0.1`)
    }, 120_000)
    afterAll(async () => {
      await browser?.close()
      await system?.stop()
    })

    it.each([
      ['with Web Locks', '127.0.0.1', true],
      ['on a plain http origin, where there are none', insecureHost, false],
    ])(
      'keep their session, however they reload and refresh, %s',
      async (_, host, hasLocks) => {
        const url = system.url.replace('127.0.0.1', host)
        const context: BrowserContext = await browser.newContext()
        context.setDefaultTimeout(30_000)
        const first = await context.newPage()
        await register(first, url, hasLocks ? 'ann' : 'ben')
        expect(await first.evaluate(() => 'locks' in navigator)).toBe(hasLocks)
        const tabs = [first, ...(await Promise.all(Array.from({ length: 5 }, () => context.newPage())))]
        const refused: string[] = []
        context.on('response', async (response) => {
          // The body of an answer to a page that has been left is not to be had.
          const body = isRefresh(response) ? await response.text().catch(() => '') : ''
          if (body.includes('UNAUTHENTICATED')) refused.push(body)
        })
        for (let round = 0; round < rounds; round += 1) {
          // Some reload, the others refresh by their timers meanwhile.
          await Promise.all(
            tabs.filter((tab, index) => tab.url() === 'about:blank' || (index + round) % 3).map((tab) => tab.goto(url)),
          )
          await Promise.all(tabs.map((tab) => rooms(tab).waitFor()))
          await context.waitForEvent('response', isRefresh)
        }
        for (const tab of tabs) expect(await rooms(tab).count()).toBe(1)
        expect(refused).toEqual([])
        await context.close()
      },
      180_000,
    )
  }),
)
