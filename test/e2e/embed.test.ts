/** The lab in a page of another site, which sends no isolation headers and forbids all but the lab's script and frame. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchChromium } from '../../scripts/lib/machine/chromium.ts'
import { serveSite, type SiteServer } from '../../scripts/serve.ts'
import type { Playground } from '../../web/src/embed/element/playground.ts'
import { COMMAND_MS } from './browser.ts'

/** An embed as the host page's own scripts have it. */
type Embed = Pick<Playground, 'lab'>

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

/** Resolves when the rows show it; rejects with what they show instead. */
const shown = (lines: ReturnType<typeof first>, pattern: RegExp) =>
  expect
    .poll(async () => (await lines.innerText()).replaceAll('\u00a0', ' ').replace(/ +$/gm, ''), {
      timeout: COMMAND_MS,
      interval: 100,
    })
    .toMatch(pattern)

/** Resolves when the embed's machine runs; rejects with the reason why it does not. */
const booted = (embed: ReturnType<typeof first>) =>
  embed.evaluate(
    (element) =>
      new Promise<void>((resolve, reject) => {
        const { lab } = element as unknown as Embed
        lab.booted.then(() => resolve(), reject)
        lab.on('error', ({ message }) => reject(new Error(message)))
      }),
  )

/** Where the host page stands, and what has the focus in it. */
const standing = () =>
  page.evaluate(() => [scrollY, document.activeElement?.getAttribute('aria-label'), document.hasFocus()])

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
  await booted(first())
  await shown(rows(first()), /^it-is-42$/m)
  expect(await standing()).toEqual(before)
  expect(await first().frameLocator('iframe').locator('html').getAttribute('data-theme')).toBe('dark')
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(false)
})

test('the SDK runs programs beside the terminal, and reads and writes files', async () => {
  const answers = await first().evaluate(async (embed) => {
    const { lab } = embed as unknown as Embed
    await lab.booted
    await lab.files.write('/tmp/made/by-sdk', 'from the page\n')
    const text = new TextDecoder().decode(await lab.files.read('/tmp/made/by-sdk'))
    const { code, stdout, stderr } = await lab.exec(['sh', '-c', 'uname -s; echo no >&2; exit 3'])
    const refused = await lab.exec('ls' as unknown as string[]).catch((error: Error) => error.message)
    return { text, code, stdout, stderr, containers: await lab.containers.list(), refused }
  })
  expect(answers).toEqual({
    ...{ text: 'from the page\n', code: 3, stdout: 'Linux\n', stderr: 'no\n', containers: [] },
    refused: expect.stringMatching(/^exec: argument 1 must be a list/),
  })
})

test('a wheel over the frame scrolls the host page until the reader enters, and F6 leaves', async () => {
  const frame = first().locator('iframe')
  const { x, y } = (await frame.boundingBox())!
  await page.mouse.move(x + 100, y + 100)
  const scrolled = await page.evaluate(() => scrollY)
  await page.mouse.wheel(0, 30)
  await page.waitForFunction((from) => scrollY === from + 30, scrolled)
  await first().frameLocator('iframe').locator('.xterm-screen').click()
  await page.keyboard.type('echo typed')
  await shown(rows(first()), /echo typed$/m)
  await page.keyboard.press('F6')
  await page.waitForFunction(() => document.hasFocus())
})

test('the second click moves the machine, and the first embed keeps what it showed', async () => {
  await second().getByRole('button').click()
  await shown(first().locator('.transcript'), /^it-is-42$/m)
  await booted(second())
  await shown(rows(second()), /echo two-\$\(\(1\+2\)\)/)
  // Without `autorun` the commands are typed and not run.
  expect(await rows(second()).innerText()).not.toContain('one-2')
  const run = await second().evaluate((embed) => (embed as unknown as Embed).lab.terminal(0).run(''))
  expect(run).toBeUndefined()
  await shown(rows(second()), /^one-2$[^]*^two-3$/m)
  expect(await page.locator('iframe').count()).toBe(1)
  expect(errors).toEqual([])
})
