import type { Browser, Page } from 'playwright-core'
import { launchChromium } from '../../scripts/lib/machine/chromium.ts'
import { serveSite, type SiteServer } from '../../scripts/serve.ts'

export { COMMAND_MS, TerminalDriver } from '../../scripts/lib/machine/terminal-driver.ts'

/** A first boot on a busy machine with two cores may be a cold one. */
export const BOOT_MS = 240_000

/**
 * A container `web` that nginx listens in, which is a moment after it has started: /proc/net/tcp or tcp6, by the order of
 * nginx's sockets, has port 80 (0x50) in state LISTEN (0A).
 */
export const START_NGINX =
  'docker run -d --name web -p 8080:80 nginx >/dev/null 2>&1; ' +
  `docker exec web sh -c 'until grep -qE ":0050 0+:0000 0A" /proc/net/tcp*; do :; done'`

export interface Visit {
  browser: Browser
  page: Page
  site: SiteServer
  /** Errors that the page's console or an uncaught exception told. */
  errors: string[]
  close(): Promise<void>
}

/** A browser on the built site, or on the one in `dir`. Rejects with a sentence when either is missing. */
export async function visit(query = 'lang=en', dir?: string): Promise<Visit> {
  // A sub-path, as on any school's server.
  const site = closedOnce(await serveSite({ port: 0, base: '/lab/', dir }))
  const browser = await launchChromium()
  // A context of its own, and not `browser.newPage`, so that a test may open a second tab in it.
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  const page = await context.newPage()
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
