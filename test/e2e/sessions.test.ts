/** A machine that goes on after a reload, in another browser from a file, and one that cannot: in Chromium. */
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { booted, TerminalDriver, visit, type Visit } from './browser.ts'

let open: Visit
let terminal: TerminalDriver
/** The file into which the machine of the first browser was saved. */
let file: Buffer
/** When the container that counts in its own layer was started. */
let started: string

beforeAll(async () => {
  open = await visit()
  await booted(open.page)
  terminal = await TerminalDriver.open(open.page)
})
afterAll(() => open?.close())

const counter = (path: string) =>
  `n=$(cat ${path} 2>/dev/null || echo 0); while :; do n=$((n + 1)); echo $n > ${path}; sleep 0.2; done`
const STARTED = 'docker inspect -f "{{.State.StartedAt}}" own'
/** Prints how many shells run in the guest, in a way that starts no process. */
const SHELLS =
  'n=0; for c in /proc/[0-9]*/comm; do { read -r x < $c; } 2>/dev/null && [ $x = bash ] && n=$((n + 1)); done; echo $n'
const dialog = (page: Page) => page.getByRole('dialog')
const button = (page: Page, name: string) => dialog(page).getByRole('button', { name, exact: true })

async function openDialog(page: Page): Promise<void> {
  await page.locator('[data-machine] button').click()
  await dialog(page).getByRole('heading', { name: 'This machine' }).waitFor()
}

/** What the container has counted; each look is a new one. */
async function count(container: string, path: string): Promise<number> {
  return Number(await terminal.run(`docker exec ${container} cat ${path}`))
}

/** Resolves once the container counts beyond the number. */
async function countsOn(container: string, path: string, from: number): Promise<void> {
  const until = `until [ "$(docker exec ${container} cat ${path} 2>/dev/null || echo 0)" -gt ${from} ]; do sleep 0.2; done`
  expect(await terminal.run(`${until}; echo on`)).toBe('on')
}

test('containers go on after a reload: one in its own layer as if nothing had been, one with its volume’s last data', async () => {
  const { page } = open
  await terminal.run(`docker run -d --name own busybox sh -c '${counter('/n')}'`)
  await terminal.run(`docker run -d --name shared -v data:/data busybox sh -c '${counter('/data/n')}'`)
  started = await terminal.run(STARTED)
  await countsOn('own', '/n', 5)
  await openDialog(page)
  await button(page, 'Save now').click()
  await dialog(page)
    .getByText(/^Last saved at \d\d:\d\d\.$/)
    .waitFor()
  await page.keyboard.press('Escape')
  await TerminalDriver.open(page)
  const own = await count('own', '/n')
  const shared = await count('shared', '/data/n')
  await countsOn('shared', '/data/n', shared + 5)
  await page.locator('[data-volumes] button').click()
  await page.locator('[data-volumes="saved"]').waitFor()

  await page.reload()
  await booted(page)
  await page.getByText(/^The machine goes on from \d\d:\d\d/).waitFor()
  await page.getByText(/containers that use them were started again: data$/).waitFor()
  await page.getByText('shared', { exact: true }).first().waitFor()
  terminal = await TerminalDriver.open(page)
  expect(await terminal.run(STARTED)).toBe(started)
  await countsOn('own', '/n', own)
  await countsOn('shared', '/data/n', shared + 5)
  expect(await terminal.run(SHELLS), 'shells of the page before are gone').toBe('1')
})

test('the machine is a file that another browser goes on with', async () => {
  const { page, errors } = open
  const own = await count('own', '/n')
  await openDialog(page)
  const downloading = page.waitForEvent('download')
  await button(page, 'Save to a file').click()
  const download = await downloading
  expect(download.suggestedFilename()).toMatch(/^porthole-.*\.machine$/)
  file = await readFile(await download.path())
  expect(errors).toEqual([])

  const context = await open.browser.newContext({ viewport: { width: 1280, height: 800 } })
  const other = await context.newPage()
  other.on('pageerror', (error) => errors.push(String(error)))
  await page.close()
  await other.goto(`${open.site.url}?lang=en`)
  open.page = other
  await booted(other)
  await openDialog(other)
  const altered = Buffer.from(file)
  altered[altered.length - 100]! ^= 1
  const choose = (buffer: Buffer) =>
    dialog(other)
      .locator('input[type=file]')
      .setInputFiles({ name: 'mine.machine', mimeType: 'application/octet-stream', buffer })
  await choose(altered)
  await button(other, 'Open it').click()
  await dialog(other).getByText('the saved machine is damaged: its digest is another one').waitFor()
  await choose(file)
  await dialog(other).getByText('The machine of mine.machine takes the place of this one.').waitFor()
  await button(other, 'Open it').click()
  await other.getByText(/^The machine goes on from/).waitFor()
  await booted(other)
  terminal = await TerminalDriver.open(other)
  expect(await terminal.run(STARTED)).toBe(started)
  await countsOn('own', '/n', own)
  expect(await terminal.run('docker volume ls -q')).toBe('data')
  expect(errors).toEqual([])
})

test('starting afresh names what is lost, and leaves the volumes', async () => {
  const { page } = open
  await openDialog(page)
  await button(page, 'Start afresh').click()
  await dialog(page)
    .getByText(/running containers, .*: (own, shared|shared, own)$/)
    .waitFor()
  await button(page, 'Start afresh').click()
  await page.locator('[data-machine="new"]').waitFor()
  terminal = await TerminalDriver.open(page)
  expect(await terminal.run('docker ps -aq; docker volume ls -q')).toBe('data')
})

/** Changes what the browser keeps of the machine, from a page of the site that has none. */
async function damage(page: Page): Promise<void> {
  await page.goto(`${open.site.url}class.html`)
  await page.evaluate(
    () =>
      new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open('porthole')
        opening.onerror = () => reject(opening.error)
        opening.onsuccess = () => {
          const change = opening.result.transaction('content', 'readwrite')
          change.objectStore('content').delete(IDBKeyRange.bound('session/data/', 'session/data/\uffff'))
          change.oncomplete = () => (opening.result.close(), resolve())
        }
      }),
  )
}

test('a machine that is damaged gives way to a new one, with a sentence, once', async () => {
  const { page, errors } = open
  await terminal.run('docker create --name lost busybox')
  await openDialog(page)
  await button(page, 'Save now').click()
  await dialog(page).getByText('Last saved').waitFor()
  await damage(page)
  await page.goto(`${open.site.url}?lang=en`)
  await booted(page)
  await page.getByText(/^What this browser kept of the machine is damaged, and was removed\./).waitFor()
  terminal = await TerminalDriver.open(page)
  expect(await terminal.run('docker ps -aq; docker volume ls -q')).toBe('data')
  expect(errors).toEqual([])
})
