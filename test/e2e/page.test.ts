import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  booted,
  COMMAND_MS,
  cutNetwork,
  offlineReady,
  START_NGINX,
  TerminalDriver,
  visit,
  type Visit,
} from './browser.ts'

const NAMESPACES = ['mnt', 'uts', 'ipc', 'pid', 'net', 'cgroup']
/** Docker's own /dev, /etc, /proc, /sys over what the image has. */
const BUSYBOX_ROOT = ['bin', 'dev', 'etc', 'home', 'proc', 'root', 'sys', 'tmp', 'usr', 'var']
const READ_NAMESPACES = `for n in ${NAMESPACES.join(' ')}; do readlink /proc/1/ns/$n; done`

/** What axe finds, the preview's document left out: it is a container's. */
async function violations(page: Page): Promise<string[]> {
  // Evaluated by the debugger, which the page's content security policy does not concern.
  await page.evaluate(await readFile('node_modules/axe-core/axe.min.js', 'utf8'))
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof import('axe-core') }
    const found = await axe.run({ exclude: ['iframe'] })
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
  })
}

describe('a page with the network cut once it is ready', () => {
  let open: Visit
  beforeAll(async () => {
    open = await visit()
    await booted(open.page)
  })
  afterAll(() => open?.close())

  test('runs a real container in a terminal', async () => {
    const { page, errors } = open
    await offlineReady(page)
    await cutNetwork(open)
    const terminal = await TerminalDriver.open(page)
    const guest = (await terminal.run(READ_NAMESPACES)).split('\n')
    expect(guest.map((line) => line.split(':')[0])).toEqual(NAMESPACES)

    await terminal.line('docker run -it --rm busybox sh')
    await terminal.see(/^\/ #$/m)
    expect(await terminal.run('echo $$')).toBe('1')
    expect(await terminal.run('cat /proc/self/cgroup')).toBe('0::/')
    expect((await terminal.run('ls /')).split(/\s+/).sort()).toEqual(BUSYBOX_ROOT)
    const addresses = await terminal.run('ip addr')
    expect(addresses).toMatch(/eth0/)
    expect(addresses).toMatch(/inet 172\.\d+\.\d+\.\d+/)
    const inside = (await terminal.run(READ_NAMESPACES)).split('\n')
    expect(inside.map((line) => line.split(':')[0])).toEqual(NAMESPACES)
    for (const [index, line] of inside.entries()) expect(line).not.toBe(guest[index])
    const hostname = await terminal.run('hostname')
    expect(hostname).toMatch(/^[0-9a-f]{12}$/)

    const second = await terminal.another()
    expect((await second.run('docker ps -q --no-trunc')).startsWith(hostname)).toBe(true)
    expect(errors).toEqual([])
  })
})

/** One visit for all of them, because a boot takes longer than what each looks at. The language changes last. */
describe('the page', () => {
  let open: Visit
  let page: Page
  /** Addresses of what it has asked of others than its own site. */
  const foreign: string[] = []

  beforeAll(async () => {
    open = await visit()
    page = open.page
    page.on('request', (request) => {
      const url = request.url()
      if (!url.startsWith(open.site.url) && !/^(blob|data):/.test(url)) foreign.push(url)
    })
    await booted(page)
  })
  afterAll(() => open?.close())

  const goTo = (panel: string) => page.getByRole('navigation').getByRole('button', { name: panel }).click()

  test('asks no other origin for anything', async () => {
    await page.reload()
    await booted(page)
    expect(foreign).toEqual([])
  })

  test('names what it is made of, guest and page, with the licences', async () => {
    await page.getByRole('button', { name: /^About/ }).click()
    const licences = page.getByRole('region', { name: 'What guest and page are made of' })
    await licences.getByRole('cell', { name: 'linux-source-6.12', exact: true }).waitFor()
    const rows = await licences.getByRole('row').allInnerTexts()
    for (const row of [
      /^busybox-static\t.*\tGPL-2/,
      /^svelte\t.*\tMIT$/,
      /^v86\t.*\tBSD-2-Clause$/,
      /^ws\t.*\tMIT$/,
    ])
      expect(
        rows.filter((text) => row.test(text)),
        String(row),
      ).toHaveLength(1)
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('Escape')
    await licences.waitFor({ state: 'detached' })
  })

  test('lets the keyboard out of the terminal', async () => {
    await TerminalDriver.open(page)
    const inTerminal = () => page.evaluate(() => document.activeElement?.closest('.xterm') !== null)
    expect(await inTerminal()).toBe(true)
    await page.keyboard.press('F6')
    expect(await inTerminal()).toBe(false)
    await page.keyboard.press('Shift+F6')
    expect(await inTerminal()).toBe(true)
    // What it pressed is gone with what was shown; the next thing is in what came for it.
    await goTo('Images')
    await page.getByRole('button', { name: 'Build an image' }).press('Enter')
    await page.keyboard.press('Tab')
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'))
    expect(await focused()).toBe('Back to the images')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.textContent?.trim())).toBe('Build an image')
  })

  test('cuts no row of the terminal, whatever the height', async () => {
    await TerminalDriver.open(page)
    const { width, height } = page.viewportSize()!
    /** Resolves when the rows end within the room for them, and no further row had room. */
    const fitted = () =>
      page.waitForFunction(() => {
        const holder = document.querySelector('.holder:not([hidden])')!
        const bottom = (part: string) => holder.querySelector(part)!.getBoundingClientRect().bottom
        const rest = bottom('[data-terminal]') - bottom('.xterm-screen')
        return rest >= 0 && rest < 30
      })
    await page.setViewportSize({ width: 360, height: 600 })
    await page.getByRole('button', { name: 'Terminal', exact: true }).click()
    // A row is 18 pixels high, so that each of these heights leaves another rest; far apart, so that each is fitted anew.
    for (let rest = 0; rest < 18; rest++) {
      await page.setViewportSize({ width: 360, height: 740 + (rest % 2) * 200 + rest })
      await fitted()
    }
    await page.setViewportSize({ width, height })
  })

  test('breaks no rule of accessibility that a program can check', async () => {
    await goTo('Containers')
    const terminal = await TerminalDriver.open(page)
    await terminal.line('docker run -d --name idle --memory 32m busybox sleep 1000')
    await page.getByRole('button', { name: 'idle' }).waitFor({ timeout: COMMAND_MS })
    for (const panel of ['Containers', 'Images', 'Preview', 'Namespaces']) {
      await goTo(panel)
      expect(await violations(page), panel).toEqual([])
    }
    await goTo('Images')
    await page.getByRole('button', { name: 'Build an image' }).click()
    expect(await violations(page), 'builder').toEqual([])
  })

  test("shows nginx's page of a published port in the preview pane", async () => {
    await goTo('Containers')
    const terminal = await TerminalDriver.open(page)
    await terminal.run(START_NGINX)
    await page.getByRole('button', { name: '8080 → 80' }).click({ timeout: COMMAND_MS })
    const heading = page.frameLocator('iframe').getByRole('heading', { name: /nginx/i })
    await heading.waitFor({ timeout: COMMAND_MS })
    const own = await page
      .locator('iframe')
      .evaluate((frame: HTMLIFrameElement) => frame.contentDocument?.URL)
    expect(own).toMatch(/\/lab\/port\/8080\/$/)
    await page.screenshot({ path: 'test-results/preview.png' })
  })

  test('changes its language without touching the machine', async () => {
    const terminal = await TerminalDriver.open(page)
    await terminal.line('echo still-here')
    await terminal.see(/^still-here/m)
    await page.getByLabel('Language').selectOption('zh-CN')
    await page.getByRole('button', { name: '容器' }).waitFor()
    expect(await terminal.text()).toMatch(/^still-here/m)
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN')
  })
})
