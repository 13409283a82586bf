/** A page that is kept: started without a network, mended, and replaced whole by a newer build. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchChromium } from '../../scripts/lib/machine/chromium.ts'
import { addFolder, publish, type FileMap } from '../../scripts/lib/publish.ts'
import { sealSite } from '../../scripts/lib/release.ts'
import { distDir, serveSite, type SiteServer } from '../../scripts/serve.ts'
import { CHUNK_SIZE, parseTreeIndex } from '../../web/src/trees/tree-index.ts'
import { BOOT_MS, booted, TerminalDriver } from './browser.ts'

let dir: string
let server: SiteServer
let browser: Browser
let page: Page
const errors: string[] = []

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'offline-'))
  const files: FileMap = new Map()
  await addFolder(files, distDir)
  await publish(dir, files, () => false)
  server = await serveSite({ dir, port: 0, base: '/lab/' })
  browser = await launchChromium()
  page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage()
  page.on('pageerror', (error) => errors.push(String(error)))
})
afterAll(async () => {
  await browser.close()
  await server.close()
  await rm(dir, { recursive: true })
})

const status = () => page.locator('[data-offline-work]')
const closeDialog = () => page.keyboard.press('Escape')

async function openDialog(): Promise<void> {
  await page.locator('[data-offline] > button').click()
  await page.getByRole('button', { name: 'Check what is kept' }).waitFor()
}

/** The chunk in which a program of the guest begins, which nothing here runs. */
async function chunkOf(path: string): Promise<string> {
  const index = gunzipSync(await readFile(join(distDir, 'guest/system/debian/index.json.gz'))).toString()
  const { chunks, entries } = parseTreeIndex(index, 'index.json.gz')
  return chunks[Math.floor(entries.find((entry) => entry.path === path)!.offset! / CHUNK_SIZE)]!.name
}

/** Changes what the browser keeps of a chunk. */
function damage(chunk: string): Promise<void> {
  return page.evaluate(
    (key) =>
      new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open('porthole')
        opening.onsuccess = () => {
          const change = opening.result.transaction('content', 'readwrite')
          change.objectStore('content').put(new Uint8Array([1, 2, 3]), key)
          change.oncomplete = () => resolve()
          change.onerror = () => reject(new Error('the store refused the change'))
        }
      }),
    `chunk/${chunk}`,
  )
}

async function cutNetwork(): Promise<void> {
  await page.context().setOffline(true)
  await server.close()
}

async function restoreNetwork(): Promise<void> {
  server = await serveSite({ dir, port: Number(new URL(server.url).port), base: '/lab/' })
  await page.context().setOffline(false)
}

/** Another build in the same place: its page and its list of images differ, the rest is shared. */
async function publishNewer(): Promise<string> {
  for (const [path, change] of [
    ['index.html', (text: string) => text.replace('<title>Porthole', '<title>Porthole, newer')],
    ['images/index.json', (text: string) => `${text}\n`],
  ] as const) {
    const file = join(dir, path)
    const text = change(await readFile(file, 'utf8'))
    // The files are links to those of the built site.
    await rm(file)
    await writeFile(file, text)
  }
  await rm(join(dir, 'release.json'))
  return (await sealSite(dir)).id
}

test('what was downloaded starts without a network: a container, a build, a lesson', async () => {
  await page.goto(`${server.url}?lang=en`)
  await booted(page)
  await openDialog()
  await page.getByRole('checkbox', { name: /^busybox/ }).check()
  await page.getByRole('button', { name: /^(Download|Fetch)/ }).click()
  await status().getByText('are kept: the page starts without a network').waitFor({ timeout: BOOT_MS })

  await damage(await chunkOf('usr/bin/tcpdump'))
  await cutNetwork()
  await page.reload()
  await booted(page)
  const terminal = await TerminalDriver.open(page)
  expect(await terminal.run('docker run -q --rm busybox echo kept')).toBe('kept')
  const build = `printf 'FROM busybox\\nRUN echo built > /f\\n' | docker build -q -t b - >/dev/null`
  expect(await terminal.run(`${build} && docker run --rm b cat /f`)).toBe('built')
  await page.getByRole('button', { name: 'Lessons' }).click()
  await page
    .getByRole('button', { name: /chroot/ })
    .first()
    .click()
  await page.locator('article h2, .lesson h2').first().waitFor()
})

test('a damaged chunk is named without a network, and mended when it is back', async () => {
  const chunk = await chunkOf('usr/bin/tcpdump')
  await openDialog()
  await page.getByRole('button', { name: 'Check what is kept' }).click()
  await status()
    .getByText(`Damaged, and fetched anew as soon as there is a network: system/debian/${chunk}`)
    .waitFor({ timeout: BOOT_MS })
  await restoreNetwork()
  await status().getByText(`Fetched anew: system/debian/${chunk}`).waitFor({ timeout: BOOT_MS })
  await page.getByRole('button', { name: 'Check what is kept' }).click()
  await status().getByText('Every kept file is as its digest says').waitFor({ timeout: BOOT_MS })
  await closeDialog()
})

test('a newer build is offered, and replaces this one whole when it is taken', async () => {
  const newer = await publishNewer()
  await openDialog()
  await page.locator(`[data-newer="${newer}"]`).waitFor()
  const kept = () =>
    page.evaluate(async () => [
      await (await fetch('./')).text(),
      await (await fetch('./release.json')).json(),
    ])
  const [before] = (await kept()) as [string, { id: string }]
  expect(before).toContain('<title>Porthole</title>')
  await Promise.all([
    page.waitForEvent('framenavigated', { timeout: BOOT_MS }),
    page.getByRole('button', { name: 'Take the new version' }).click(),
  ])
  // All of it is here: the network may go.
  await cutNetwork()
  await booted(page)
  expect(await page.title()).toBe('Porthole, newer')
  const [, release] = (await kept()) as [string, { id: string }]
  expect(release.id).toBe(newer)
  const terminal = await TerminalDriver.open(page)
  expect(await terminal.run('docker run -q --rm busybox echo newer')).toBe('newer')
  expect(errors).toEqual([])
  await restoreNetwork()
})
