import type { Browser, Page } from 'playwright-core'
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchChromium } from '../../scripts/lib/machine/chromium.ts'
import { serveSite, type SiteServer } from '../../scripts/serve.ts'
import { newProgress, withBegun, withDone, withHint } from '../../web/src/lessons/format/progress.ts'
import { progressFileText } from '../../web/src/lessons/format/progress-file.ts'

let browser: Browser
let site: SiteServer
let page: Page

beforeAll(async () => {
  browser = await launchChromium()
  site = await serveSite({ port: 0, base: '/lab/' })
  page = await browser.newPage({ viewport: { width: 360, height: 740 } })
  await page.goto(`${site.url}class.html?lang=en`)
})
afterAll(async () => {
  await browser.close()
  await site.close()
})

const at = (minute: number): Date => new Date(Date.UTC(2026, 0, 1, 9, minute))

/** A learner who has done one of the four tasks of “Why containers”, after a hint. */
function learnerFile(learner: string): string {
  const begun = withHint(withBegun(newProgress('why-containers', 'en'), at(0)), 'kernels')
  return progressFileText(learner, [withDone(begun, 'kernels', at(5))])
}

const file = (name: string, text: string) => ({
  name,
  mimeType: 'application/json',
  buffer: Buffer.from(text),
})

test('the files of a class become one table, and a table for a spreadsheet', async () => {
  await page
    .locator('input[type=file]')
    .setInputFiles([
      file('a.json', learnerFile('Ada, 2b')),
      file('b.json', learnerFile('')),
      file('c.json', '{'),
    ])
  const rows = page.locator('tbody tr')
  await rows.nth(1).waitFor()
  const cells = await rows.first().locator('th, td').allInnerTexts()
  expect(cells.slice(0, 3)).toEqual(['Ada, 2b', 'Why containers', '1 / 3'])
  expect(await rows.nth(1).locator('th').innerText()).toBe('b')
  expect(await page.getByRole('status').innerText()).toContain('c.json: this is no file of progress')

  const saving = page.waitForEvent('download')
  await page.getByRole('button', { name: 'CSV' }).click()
  const csv = await readFile(await (await saving).path(), 'utf8')
  expect(csv.startsWith('\ufeff')).toBe(true)
  expect(csv).toContain('"Ada, 2b",why-containers')
})

test('the table is scrolled on a narrow screen, and the page is not', async () => {
  await page.getByLabel('Language').selectOption('zh-CN')
  const [inner, outer] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth])
  expect(inner).toBeLessThanOrEqual(outer!)
})
