import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { launchChromium } from '../../scripts/lib/machine/chromium.ts'
import { serveSite, type SiteServer } from '../../scripts/serve.ts'

describe('while the page loads', () => {
  let browser: Browser
  let site: SiteServer
  let page: Page

  beforeAll(async () => {
    browser = await launchChromium()
    site = await serveSite({ port: 0, base: '/lab/', preview: true })
  })
  afterEach(() => page.context().close())
  afterAll(async () => {
    await browser.close()
    await site.close()
  })

  async function open(locale: string, prepare: (page: Page) => Promise<unknown>, url = site.url) {
    page = await (await browser.newContext({ locale })).newPage()
    await prepare(page)
    await page.goto(url)
  }
  const failure = () => page.locator('.load-failure').innerText()

  test.each(['C', 'en-US@posix'])(
    'a language that Intl refuses (%s) is no reason for a blank page',
    async (name) => {
      const speak = (language: string) => {
        Object.defineProperty(navigator, 'language', { value: language, configurable: true })
        Object.defineProperty(navigator, 'languages', { value: [language] })
      }
      await open('en', (page) => page.addInitScript(speak, name))
      await page
        .getByRole('heading', { name: 'Porthole', exact: true })
        .or(page.getByLabel('Language'))
        .first()
        .waitFor()
    },
  )

  test('a script that throws ends in a sentence', async () => {
    await open('en', (page) => page.addInitScript(() => Object.assign(Intl, { NumberFormat: undefined })))
    expect(await failure()).toMatch(/^Porthole could not be loaded[^]*NumberFormat/)
  })

  test('a script that is missing ends in a sentence, in Chinese too', async () => {
    const isProgram = ({ pathname }: URL) => /\/assets\/index-.*\.js$/.test(pathname)
    await open('zh-CN', (page) => page.route(isProgram, (route) => route.fulfill({ status: 404 })))
    expect(await failure()).toMatch(/^Porthole 无法加载[^]*\/assets\/index-/)
  })

  test('the origin for previews has no machine of its own', async () => {
    const { preview } = (await (await fetch(`${site.url}site.json`)).json()) as { preview: string }
    await open('en', () => Promise.resolve(), preview)
    expect(await failure()).toContain(`the page is at ${site.url}`)
  })
})
