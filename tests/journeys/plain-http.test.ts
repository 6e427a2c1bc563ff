import { afterAll, beforeAll, expect, it } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { builtWebClient, describeInBrowser, launchBrowser } from '../browser.ts'
import { onEachEngine, type System } from '../engines.ts'

const password = 'four plain words here'
const messageBox = (page: Page) => page.getByLabel('Message', { exact: true })
const message = (page: Page, text: string) =>
  page.getByRole('log', { name: 'Messages' }).getByRole('article').filter({ hasText: text })

/** A name that leads to this machine, and is no more a secure context to Chromium than another machine's address. */
const host = 'parley.test'

onEachEngine('the web client', (start) =>
  describeInBrowser('at an address without HTTPS that is not localhost', () => {
    let system: System
    let browser: Browser
    let url: string
    const complaints: string[] = []

    beforeAll(async () => {
      system = await start({ webRoot: await builtWebClient() })
      browser = await launchBrowser(`--host-resolver-rules=MAP ${host} 127.0.0.1`)
      url = system.url.replace('127.0.0.1', host)
    }, 120_000)
    afterAll(async () => {
      await browser?.close()
      await system?.stop()
    })

    const register = async (name: string): Promise<Page> => {
      const page = await (await browser.newContext()).newPage()
      page.setDefaultTimeout(20_000)
      page.on('pageerror', (error) => complaints.push(error.message))
      await page.goto(url)
      await page.getByRole('button', { name: 'Create an account' }).click()
      await page.getByLabel('Username').fill(name.toLowerCase())
      await page.getByLabel('Display name').fill(name)
      await page.getByLabel('Password').fill(password)
      await page.getByRole('button', { name: 'Create account' }).click()
      await page.getByRole('navigation', { name: 'Rooms' }).waitFor()
      return page
    }

    it('sends, receives, edits, deletes, and is signed in still after a reload', async () => {
      const ann = await register('Ann')
      expect(await ann.evaluate(() => globalThis.isSecureContext)).toBe(false)
      await ann.getByRole('button', { name: 'New room' }).click()
      await ann.getByLabel('Name', { exact: true }).fill('Garden')
      await ann.getByRole('button', { name: 'Create room' }).click()
      await messageBox(ann).fill('from far away')
      await messageBox(ann).press('Enter')
      await message(ann, 'from far away').waitFor()

      const ben = await register('Ben')
      await ben.getByRole('button', { name: 'Browse rooms' }).click()
      await ben.getByRole('button', { name: 'Join Garden' }).click()
      await message(ben, 'from far away').waitFor()
      await messageBox(ben).fill('received')
      await messageBox(ben).press('Enter')
      await message(ann, 'received').waitFor()

      await message(ann, 'from far away').getByRole('button', { name: 'Edit message' }).click()
      await ann.getByLabel('Edited text').fill('from nearby')
      await ann.getByLabel('Edited text').press('Enter')
      await message(ben, 'from nearby (edited)').waitFor()
      await message(ann, 'from nearby').getByRole('button', { name: 'Delete message' }).click()
      await message(ben, 'Message deleted').waitFor()

      await ann.reload()
      await message(ann, 'received').waitFor()
      await ann.getByRole('button', { name: 'Sign out' }).click()
      await ann.getByRole('button', { name: 'Sign in', exact: true }).waitFor()
      expect(complaints).toEqual([])
    })
  }),
)
