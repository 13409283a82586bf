import type { Browser, Page } from 'playwright-core'
import { launchChromium } from '../../scripts/lib/chromium.ts'
import { serveSite, type SiteServer } from '../../scripts/serve.ts'

/** A first boot on a busy machine with two cores may be a cold one. */
const BOOT_MS = 240_000
export const COMMAND_MS = 120_000

export interface Visit {
  browser: Browser
  page: Page
  site: SiteServer
  /** Errors that the page's console or an uncaught exception told. */
  errors: string[]
  close(): Promise<void>
}

/** A browser on the built site. Rejects with a sentence when either is missing. */
export async function visit(query = 'lang=en'): Promise<Visit> {
  // A sub-path, as on any school's server.
  const site = closedOnce(await serveSite({ port: 0, base: '/lab/' }))
  const browser = await launchChromium()
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  const errors: string[] = []
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  page.on('pageerror', (error) => errors.push(String(error)))
  await page.goto(`${site.url}?${query}`)
  return {
    browser,
    page,
    site,
    errors,
    close: async () => {
      await browser.close()
      await site.close()
    },
  }
}

/** A test that cuts the network closes the server before the visit ends. */
function closedOnce({ url, close }: SiteServer): SiteServer {
  let closing: Promise<void> | undefined
  return { url, close: () => (closing ??= close()) }
}

/** Resolves when the workbench is there; rejects with the page's own error when the boot failed. */
export async function booted(page: Page): Promise<void> {
  const ready = page.locator('[data-offline]')
  const failed = page.locator('.failure .message')
  await ready.or(failed).first().waitFor({ timeout: BOOT_MS })
  if (await failed.isVisible()) throw new Error(`the page could not boot: ${await failed.innerText()}`)
}

/** Everything needed is in the page: the network may go. */
export async function offlineReady(page: Page): Promise<void> {
  await page.locator('[data-offline="ready"]').waitFor({ timeout: BOOT_MS })
}

/** The network is gone for the page and its worker, and nobody would answer if it were not. */
export async function cutNetwork({ page, site }: Visit): Promise<void> {
  await page.context().setOffline(true)
  await site.close()
}

/** The rows of the terminal in front, as xterm writes them for screen readers. */
const ROWS = '.holder:not([hidden]) .xterm-accessibility-tree > *'

/** Drives the terminal in front as a person does: by the keyboard, reading what a screen reader reads. */
export class TerminalDriver {
  private readonly page: Page

  private constructor(page: Page) {
    this.page = page
  }

  /** In screen reader mode xterm keeps its visible rows as text in the document. */
  static async open(page: Page): Promise<TerminalDriver> {
    const toggle = page.getByRole('button', { name: 'Screen reader mode of the terminal' })
    if ((await toggle.getAttribute('aria-pressed')) === 'false') await toggle.click()
    const driver = new TerminalDriver(page)
    await page.locator('.holder:not([hidden]) .xterm-screen').click()
    await driver.see(/[#$]$/m)
    return driver
  }

  async another(): Promise<TerminalDriver> {
    await this.page.getByRole('button', { name: 'Another terminal' }).click()
    return TerminalDriver.open(this.page)
  }

  async line(text: string): Promise<void> {
    await this.page.keyboard.type(text)
    await this.page.keyboard.press('Enter')
  }

  /** Resolves with the visible text, a row a line, once it matches. Rejects with what is seen instead. */
  async see(pattern: RegExp): Promise<string> {
    const { source, flags } = pattern
    const matches = ([selector, source, flags]: string[]) => {
      const rows = [...document.querySelectorAll(selector!)].map((row) => row.textContent ?? '')
      return new RegExp(source!, flags).test(
        rows.map((row) => row.replaceAll('\u00a0', ' ').trimEnd()).join('\n'),
      )
    }
    try {
      await this.page.waitForFunction(matches, [ROWS, source, flags], { timeout: COMMAND_MS })
    } catch (cause) {
      throw new Error(`the terminal does not show ${pattern}, but:\n${await this.text()}`, { cause })
    }
    return this.text()
  }

  async text(): Promise<string> {
    const rows = await this.page.locator(ROWS).allTextContents()
    return rows.map((row) => row.replaceAll('\u00a0', ' ').trimEnd()).join('\n')
  }

  /** Clears the screen, runs a command and resolves with what it printed, one row a line. */
  async run(command: string): Promise<string> {
    const mark = `end-${Math.random().toString(36).slice(2, 8)}`
    // The mark is put together by the shell, so that the typed line itself does not hold it.
    await this.line(`clear; ${command}; echo ${mark.slice(0, 4)}""${mark.slice(4)}`)
    const seen = await this.see(new RegExp(`^.*${mark}`, 's'))
    return seen.slice(0, seen.indexOf(mark)).trim()
  }
}
