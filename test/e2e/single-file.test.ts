/** porthole.html, opened from a disk: one boot, without any server. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { launchChromium } from '../../scripts/lib/machine/chromium.ts'
import { packFile } from '../../scripts/pack.ts'
import { distDir } from '../../scripts/serve.ts'
import { undoAfterEach } from '../support/undo-after-each.ts'
import { TerminalDriver } from './browser.ts'

const undo = undoAfterEach()

test('porthole.html starts from a file: a container, a build, a lesson', async () => {
  const scratch = await mkdtemp(join(tmpdir(), 'file-'))
  undo(() => rm(scratch, { recursive: true }))
  const { path } = await packFile(distDir, scratch, ['busybox'])
  const browser = await launchChromium()
  undo(() => browser.close())
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(String(error)))
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  await page.goto(`${pathToFileURL(path)}?lang=en`)
  const terminal = await TerminalDriver.open(page)
  expect(await terminal.run('docker run -q --rm busybox echo from a file')).toBe('from a file')
  const build = `printf 'FROM busybox\\nRUN echo built > /f\\n' | docker build -q -t b - >/dev/null`
  expect(await terminal.run(`${build} && docker run --rm b cat /f`)).toBe('built')
  await page.getByRole('button', { name: 'Lessons' }).click()
  await page
    .getByRole('button', { name: /chroot/ })
    .first()
    .click()
  await page.locator('article h2, .lesson h2').first().waitFor()
  expect(errors).toEqual([])
  expect(
    asked.filter((url) => !/^(blob|data):/.test(url) && !url.startsWith(String(pathToFileURL(path)))),
  ).toEqual([])
})
