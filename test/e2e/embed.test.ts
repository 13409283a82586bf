/** The lab in a page of another site, which sends no isolation headers and forbids all but the lab's script and frame. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchChromium } from '../../scripts/lib/machine/chromium.ts'
import { serveSite, type SiteServer } from '../../scripts/serve.ts'
import type { Playground } from '../../web/src/embed/element/playground.ts'
import { BOOT_MS, COMMAND_MS } from './browser.ts'

let browser: Browser
let lab: SiteServer
let host: Server
let page: Page
/** What was asked of the lab, without its address. */
const asked: string[] = []
const errors: string[] = []

/** The page of a documentation; the line of space makes it longer than the window. */
const DOCUMENT = (script: string) => `<!doctype html>
<html lang="en" data-theme="dark"><head><title>Docs</title><script async src="${script}"></script></head><body>
<input aria-label="Search">
<pre><code data-porthole="autorun=1">$ docker run --rm busybox sh -c 'echo it-is-$((6*7))'
it-is-42</code></pre>
<porthole-playground id="second"><pre><code>echo one-$((1+1))
echo two-$((1+2))</code></pre></porthole-playground>
<svg width="10" height="3000"></svg>
</body></html>`

beforeAll(async () => {
  lab = await serveSite({ port: 0, base: '/lab/' })
  const { origin } = new URL(lab.url)
  host = createServer((_request, response) => {
    const policy = `default-src 'none'; script-src ${origin}; frame-src ${origin}`
    response.writeHead(200, { 'content-type': 'text/html', 'content-security-policy': policy })
    response.end(DOCUMENT(`${lab.url}embed.js`))
  })
  await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve))
  browser = await launchChromium()
  page = await browser.newPage({ viewport: { width: 1000, height: 700 } })
  page.on('request', (request) => {
    if (request.url().startsWith(lab.url)) asked.push(request.url().slice(lab.url.length))
  })
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  page.on('pageerror', (error) => errors.push(String(error)))
  // Another site than the lab's, which is at `localhost`, and not only another port.
  await page.goto(`http://127.0.0.1:${(host.address() as AddressInfo).port}/`)
})
afterAll(async () => {
  await browser?.close()
  await lab?.close()
  host?.close()
})

const first = () => page.locator('porthole-playground').first()
const second = () => page.locator('#second')
const rows = (embed: ReturnType<typeof first>) => embed.frameLocator('iframe').locator('.xterm-rows')

/** Where the host page stands, and what has the focus in it. */
const standing = () =>
  page.evaluate(() => [scrollY, document.activeElement?.getAttribute('aria-label'), document.hasFocus()])

/** Calls the SDK of the first embed. */
const inLab = <Result>(use: (lab: Playground['lab']) => Promise<Result>): Promise<Result> =>
  first().evaluate(
    (embed, source) => (0, eval)(`(${source})`)((embed as unknown as Playground).lab) as Promise<Result>,
    use.toString(),
  )

test('nothing but embed.js is asked for before the click, and the code is there to read', async () => {
  await first().getByRole('button', { name: 'Run it in a real Linux' }).waitFor()
  expect(await first().innerText()).toContain('it-is-42')
  expect(asked).toEqual(['embed.js'])
})

test('the click runs the commands for real, and the host page stays where it was', async () => {
  await page.evaluate(() => scrollTo(0, 40))
  await first().getByRole('button').click()
  await page.getByLabel('Search').focus()
  const before = await standing()
  expect(before).toEqual([expect.any(Number), 'Search', true])
  await rows(first())
    .getByText(/^it-is-42/)
    .waitFor({ timeout: BOOT_MS })
  expect(await standing()).toEqual(before)
  expect(await first().frameLocator('iframe').locator('html').getAttribute('data-theme')).toBe('dark')
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(false)
})
