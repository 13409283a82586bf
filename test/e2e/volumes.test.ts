/** Volumes over a reload of the page in Chromium, and of two tabs at once. */
import { afterEach, expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { booted, TerminalDriver, visit, type Visit } from './browser.ts'

/** Each boot is of a new machine, so that only the volumes are kept. */
const FRESH = 'lang=en&fresh'

let open: Visit
afterEach(() => open?.close())

/** Saves by the button of the top bar; resolves when all that has been written is kept. */
async function save(page: Page): Promise<void> {
  await page.locator('[data-volumes] button').click()
  await page.locator('[data-volumes="saved"]').waitFor()
}

async function reload(page: Page): Promise<TerminalDriver> {
  await page.reload()
  await booted(page)
  return TerminalDriver.open(page)
}

test('a named volume is there after a reload, a removed and an anonymous one are not', async () => {
  open = await visit(FRESH)
  const { page, errors } = open
  await booted(page)
  let terminal = await TerminalDriver.open(page)
  const write = 'echo kept > /d/f; chmod 640 /d/f; chown 33:34 /d/f; ln -s ../out /d/l'
  await terminal.run(`docker run --rm -v data:/d -v /scratch busybox sh -c '${write}'`)
  await terminal.run('docker volume create --label a=b other')
  expect(await terminal.run('docker volume ls -q')).toBe('data\nother')
  const inspected = await terminal.run('docker volume inspect other')
  await save(page)

  terminal = await reload(page)
  expect(await terminal.run('docker volume ls -q')).toBe('data\nother')
  expect(await terminal.run('docker volume inspect other')).toBe(inspected)
  await page.locator('[data-volumes="saved"]').waitFor()
  const list = 'cat /d/f; stat -c "%a %u %g" /d/f; readlink /d/l'
  expect(await terminal.run(`docker run --rm -v data:/d busybox sh -c '${list}'`)).toBe(
    'kept\n640 33 34\n../out',
  )
  expect(await terminal.run('docker volume rm data other')).toBe('data\nother')

  terminal = await reload(page)
  expect(await terminal.run('docker volume ls -q')).toBe('')
  expect(await page.locator('[data-volumes]').count()).toBe(0)
  expect(errors).toEqual([])
})

test('a second tab has the volumes of the first, and says that it keeps none', async () => {
  open = await visit(FRESH)
  const { page } = open
  await booted(page)
  const first = await TerminalDriver.open(page)
  await first.run(`docker run --rm -v data:/d busybox sh -c 'echo first > /d/f'`)
  await save(page)

  const other = await page.context().newPage()
  await other.goto(page.url())
  await booted(other)
  const second = await TerminalDriver.open(other)
  await other.locator('[data-volumes="unsaved"]').waitFor()
  await other.getByText('another tab of this site keeps the volumes').waitFor()
  const add = 'cat /d/f; echo second >> /d/f'
  expect(await second.run(`docker run --rm -v data:/d busybox sh -c '${add}'`)).toBe('first')
  expect(await second.run('docker volume rm data')).toBe('data')
  await other.close()

  await page.bringToFront()
  const again = await reload(page)
  expect(await again.run('docker run --rm -v data:/d busybox cat /d/f')).toBe('first')
})
