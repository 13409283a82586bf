/** What SCOPE.md promises of a browser, a claim a test, in one visit: a boot is the dear part. */
import { beforeAll, describe, expect, test } from 'vitest'
import type { DrivenPage } from '../../../scripts/lib/machine/driven-page.ts'
import { COMMAND_MS, TerminalDriver } from '../../../scripts/lib/machine/terminal-driver.ts'
import { type SiteServer, serveSite } from '../../../scripts/serve.ts'
import type { OpenBrowser, OpenedBrowser } from '../../support/browsers/opened-browser.ts'
import { undoAfterAll } from '../../support/undo-after-all.ts'
import { BOOT_MS, START_NGINX } from '../browser.ts'

/** Two pages, the second with a script that would write a heading above its own. */
const WRITE_PAGES =
  `docker exec web sh -c 'cd /usr/share/nginx/html; echo "<h1>one</h1><a href=two.html>two</a>" > index.html; ` +
  `echo "<script>document.write(\\"<h1>ran</h1>\\")</script><h1>two</h1>" > two.html'`

export function browserSuite(name: string, open: OpenBrowser): void {
  describe(`in ${name}`, () => {
    let site: SiteServer
    let browser: OpenedBrowser
    let terminal: TerminalDriver
    const undo = undoAfterAll()
    beforeAll(async () => {
      site = await serveSite({ port: 0, base: '/lab/' })
      undo(() => site.close())
      browser = await open(undo)
    })

    test('the page boots to a prompt', async () => {
      await browser.page.goto(`${site.url}?lang=en`)
      terminal = await prompt(browser.page)
      expect(await terminal.run('uname -m')).toMatch(/^i[3-6]86$/)
    })

    test('docker run starts a container, and a named volume has what it wrote', async () => {
      const write = `docker run --rm -v data:/d busybox sh -c 'echo kept > /d/f; cat /proc/self/cgroup'`
      // The first run of an image tells of its pull, above what the container says.
      expect((await terminal.run(write)).split('\n').at(-1)).toBe('0::/')
      await browser.page.click('[data-volumes] button')
      await shows(browser.page, '[data-volumes="saved"]')
    })

    test('a published port is shown in the preview, and links lead on, but no script runs', async () => {
      // The click on the volumes has taken the keyboard from the terminal.
      terminal = await TerminalDriver.open(browser.page)
      await terminal.run(START_NGINX)
      await terminal.run(WRITE_PAGES)
      await browser.page.click('//button[contains(normalize-space(), "8080 → 80")]')
      await shows(browser.page, 'iframe', 'one')
      await browser.page.evaluate(
        () => document.querySelector('iframe')?.contentDocument?.querySelector('a')?.click(),
        [],
      )
      await shows(browser.page, 'iframe', 'two')
    })

    test('a reload of the page keeps the volume', async () => {
      await browser.page.reload()
      terminal = await prompt(browser.page)
      expect(await terminal.run('docker run --rm -v data:/d busybox cat /d/f')).toBe('kept')
      const refused = (error: string) => error.includes("script-src 'none'")
      expect((browser.errors ?? []).filter((error) => !refused(error))).toEqual([])
    })
  })
}

/** Resolves when the page has booted and a shell answers; rejects with the page's own error when the boot failed. */
async function prompt(page: DrivenPage): Promise<TerminalDriver> {
  const end = ['[data-offline]', '.failure .message']
  await page.waitForFunction((ends) => document.querySelector(ends.join()), end, { timeout: BOOT_MS })
  const failure = await page.evaluate(
    ([, message]) => document.querySelector(message!)?.textContent ?? null,
    end,
  )
  if (failure !== null) throw new Error(`the page could not boot: ${failure}`)
  return TerminalDriver.open(page)
}

/** Resolves when the page has the element; of a frame, when the heading of its document has the text. */
function shows(page: DrivenPage, selector: string, text = ''): Promise<unknown> {
  const there = ([selector, text]: string[]) => {
    const element = document.querySelector(selector!)
    const shown =
      element instanceof HTMLIFrameElement ? element.contentDocument?.querySelector('h1') : element
    return shown?.textContent?.includes(text!)
  }
  return page.waitForFunction(there, [selector, text], { timeout: COMMAND_MS })
}
