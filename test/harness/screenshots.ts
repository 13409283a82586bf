/** Takes the pictures of the page on the fixture machine: `npx tsx test/harness/screenshots.ts <folder> [name…]`. */
import { mkdirSync } from 'node:fs'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import type { Page } from 'playwright-core'
import { createServer } from 'vite'
import { launchChromium } from '../../scripts/lib/machine/chromium.ts'
import { LABSPACE } from '../support/foreign-lessons.ts'
import { makeZip } from '../support/make-zip.ts'
import { lessons, licences, serviceWorker } from '../../vite.config.ts'

interface Shot {
  name: string
  width: number
  height: number
  query?: string
  act?: (page: Page) => Promise<void>
}

const tab = (index: number) => async (page: Page) => page.locator('nav button:visible').nth(index).click()
const wide = { width: 1600, height: 950 }
const middle = { width: 1024, height: 768 }
const narrow = { width: 360, height: 740 }

const builder =
  (images: number, built: boolean) =>
  async (page: Page): Promise<void> => {
    await tab(images)(page)
    await page.getByRole('button', { name: /Build an image|构建镜像/ }).click()
    if (!built) return
    await page.getByRole('button', { name: /^(Build|构建)$/ }).click()
    await page.getByRole('log').getByText('Successfully tagged').waitFor()
  }

const listed = (page: Page) => page.locator('[data-lesson]').first().waitFor()
const opened = (page: Page) => page.locator('article.lesson h3').waitFor()
/** A labspace in a zip, with the list of what has no place. */
const brought = async (page: Page): Promise<void> => {
  await listed(page)
  const parts = Object.entries(LABSPACE).map(([path, text]) => ({ path, bytes: Buffer.from(text) }))
  const buffer = Buffer.from(makeZip(parts))
  await page
    .locator('input[accept^=".zip"]')
    .setInputFiles({ name: 'kites.zip', mimeType: 'application/zip', buffer })
  await page.locator('[data-unsupported] summary').click()
}
async function machine(page: Page): Promise<void> {
  await page.locator('[data-machine] button').click()
}
async function afresh(page: Page): Promise<void> {
  await machine(page)
  await page.getByRole('button', { name: /^(Start afresh|重新开始)$/ }).click()
}
/** The part of lessons is the first of a narrow screen's. */
const front = tab(0)

const SHOTS: Shot[] = [
  { name: 'build-wide-light', ...wide, query: 'lang=en&theme=light', act: builder(1, true) },
  { name: 'build-middle-dark-zh', ...middle, query: 'lang=zh-CN&theme=dark', act: builder(1, true) },
  { name: 'build-narrow-light', ...narrow, query: 'lang=en&theme=light', act: builder(2, false) },
  { name: 'wide-light', ...wide, query: 'lang=en&theme=light' },
  { name: 'wide-dark-zh', ...wide, query: 'lang=zh-CN&theme=dark' },
  { name: 'middle-dark', ...middle, query: 'lang=en&theme=dark' },
  { name: 'middle-light-unsaved', ...middle, query: 'lang=en&theme=light&volumes=unsaved' },
  {
    name: 'narrow-light-unsaved-zh',
    ...narrow,
    query: 'lang=zh-CN&theme=light&volumes=unsaved',
    act: tab(1),
  },
  { name: 'wide-light-saving', ...wide, query: 'lang=en&theme=light&volumes=saving' },
  {
    name: 'middle-light-images',
    ...middle,
    query: 'lang=en&theme=light',
    act: async (page) => {
      await tab(1)(page)
      await page.getByText('nginx:latest').click()
    },
  },
  {
    name: 'middle-dark-stats',
    ...middle,
    query: 'lang=en&theme=dark',
    act: async (page) => {
      await page.getByRole('button', { name: 'small' }).click()
      await page.getByRole('tab', { name: 'Stats' }).click()
    },
  },
  {
    name: 'middle-light-logs-zh',
    ...middle,
    query: 'lang=zh-CN&theme=light',
    act: async (page) => {
      await page.getByRole('button', { name: 'web', exact: true }).click()
    },
  },
  {
    name: 'middle-light-timeline',
    ...middle,
    query: 'lang=en&theme=light',
    act: async (page) => {
      await page.getByRole('button', { name: 'web', exact: true }).click()
      await page.getByRole('tab', { name: 'How it was made' }).click()
    },
  },
  {
    name: 'middle-light-mounts',
    ...middle,
    query: 'lang=en&theme=light',
    act: async (page) => {
      await page.getByRole('button', { name: 'web', exact: true }).click()
      await page.getByRole('tab', { name: 'Bind mounts' }).click()
    },
  },
  { name: 'wide-light-namespaces-zh', ...wide, query: 'lang=zh-CN&theme=light', act: tab(3) },
  { name: 'wide-dark-namespaces', ...wide, query: 'lang=en&theme=dark', act: tab(3) },
  { name: 'wide-light-preview', ...wide, query: 'lang=en&theme=light', act: tab(2) },
  { name: 'wide-dark-preview-worker', ...wide, query: 'lang=en&theme=dark&sw', act: tab(2) },
  {
    name: 'wide-dark-about',
    ...wide,
    query: 'lang=en&theme=dark',
    act: async (page) => {
      await page.getByRole('button', { name: /About/ }).click()
    },
  },
  { name: 'narrow-light-terminal', ...narrow, query: 'lang=en&theme=light' },
  { name: 'narrow-dark-containers', ...narrow, query: 'lang=en&theme=dark', act: tab(1) },
  { name: 'narrow-light-containers-zh', ...narrow, query: 'lang=zh-CN&theme=light', act: tab(1) },
  { name: 'narrow-light-images', ...narrow, query: 'lang=en&theme=light', act: tab(2) },
  {
    name: 'narrow-dark-stats',
    ...narrow,
    query: 'lang=en&theme=dark',
    act: async (page) => {
      await tab(1)(page)
      await page.getByRole('button', { name: 'small' }).click()
      await page.getByRole('tab', { name: 'Stats' }).click()
    },
  },
  { name: 'lesson-list-wide-light', ...wide, query: 'lang=en&theme=light&lessons', act: listed },
  { name: 'lesson-list-narrow-dark-zh', ...narrow, query: 'lang=zh-CN&theme=dark&lessons', act: front },
  { name: 'lesson-wide-dark', ...wide, query: 'lang=en&theme=dark&lesson=states#exited', act: opened },
  { name: 'lesson-middle-light', ...middle, query: 'lang=en&theme=light&lesson=dockerfile', act: opened },
  { name: 'lesson-middle-light-zh', ...middle, query: 'lang=zh-CN&theme=light&lesson=cgroups', act: opened },
  { name: 'lesson-narrow-light', ...narrow, query: 'lang=en&theme=light&lesson=limits', act: front },
  { name: 'lesson-imported-wide-light', ...wide, query: 'lang=en&theme=light&lessons', act: brought },
  { name: 'lesson-imported-wide-dark-zh', ...wide, query: 'lang=zh-CN&theme=dark&lessons', act: brought },
  {
    name: 'lesson-imported-narrow-light-zh',
    ...narrow,
    query: 'lang=zh-CN&theme=light&lessons',
    act: brought,
  },
  { name: 'lesson-imported-narrow-dark', ...narrow, query: 'lang=en&theme=dark&lessons', act: brought },
  { name: 'machine-wide-resumed', ...wide, query: 'lang=en&theme=light&machine=resumed' },
  { name: 'machine-wide-damaged-zh', ...wide, query: 'lang=zh-CN&theme=dark&machine=damaged' },
  { name: 'machine-narrow-resumed', ...narrow, query: 'lang=en&theme=light&machine=resumed', act: tab(1) },
  { name: 'machine-narrow-terminal-zh', ...narrow, query: 'lang=zh-CN&theme=light&machine=resumed' },
  { name: 'machine-wide-dialog-zh', ...wide, query: 'lang=zh-CN&theme=light', act: machine },
  {
    name: 'machine-narrow-dialog',
    ...narrow,
    query: 'lang=en&theme=dark&machine=elsewhere',
    act: machine,
  },
  { name: 'machine-wide-afresh', ...wide, query: 'lang=en&theme=light', act: afresh },
  { name: 'machine-narrow-afresh-zh', ...narrow, query: 'lang=zh-CN&theme=light', act: afresh },
  { name: 'boot-light', ...middle, query: 'lang=en&theme=light&boot=stuck' },
  { name: 'boot-dark-zh', ...narrow, query: 'lang=zh-CN&theme=dark&boot=stuck' },
  { name: 'boot-failed', ...middle, query: 'lang=en&theme=light&boot=failed' },
]

const [folder = '/tmp/porthole-shots', ...names] = process.argv.slice(2)
mkdirSync(folder, { recursive: true })
const server = await createServer({
  root: 'test/harness',
  configFile: false,
  publicDir: '../../public',
  plugins: [svelte(), serviceWorker(), lessons(), licences().page],
  logLevel: 'error',
  server: { port: 0, fs: { allow: ['../..'] } },
})
await server.listen()
const browser = await launchChromium()
for (const shot of SHOTS.filter(
  ({ name }) => names.length === 0 || names.some((wanted) => name.includes(wanted)),
)) {
  const page = await browser.newPage({
    viewport: { width: shot.width, height: shot.height },
    hasTouch: shot.width < 500,
  })
  page.on('console', (message) => message.type() === 'error' && console.error(shot.name, message.text()))
  page.on('pageerror', (error) => console.error(shot.name, error.stack))
  await page.goto(`${server.resolvedUrls!.local[0]}?${shot.query ?? ''}`)
  if (!shot.query?.includes('boot='))
    await page.locator('.xterm-screen').first().waitFor({ state: 'attached' })
  await shot.act?.(page)
  // Transitions of the last act are brought to their end.
  await page.screenshot({ path: `${folder}/${shot.name}.png`, animations: 'disabled' })
  await page.close()
}
await browser.close()
await server.close()
