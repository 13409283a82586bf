/** porthole.html, opened from a disk: one boot in each browser, without any server. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { launchChromium } from '../../scripts/lib/machine/chromium.ts'
import type { DrivenPage } from '../../scripts/lib/machine/driven-page.ts'
import { packFile } from '../../scripts/pack.ts'
import { distDir } from '../../scripts/serve.ts'
import { openFirefox } from '../support/browsers/open-firefox.ts'
import { undoAfterAll } from '../support/undo-after-all.ts'
import { undoAfterEach } from '../support/undo-after-each.ts'
import { TerminalDriver } from './browser.ts'

const undoAll = undoAfterAll()
const undo = undoAfterEach()
let file: string

beforeAll(async () => {
  const scratch = await mkdtemp(join(tmpdir(), 'file-'))
  undoAll(() => rm(scratch, { recursive: true }))
  const { path } = await packFile(distDir, scratch, ['busybox'])
  file = String(pathToFileURL(path))
})

async function useMachine(page: DrivenPage): Promise<void> {
  const terminal = await TerminalDriver.open(page)
  expect(await terminal.run('docker run -q --rm busybox echo from a file')).toBe('from a file')
  const build = `printf 'FROM busybox\\nRUN echo built > /f\\n' | docker build -q -t b - >/dev/null`
  expect(await terminal.run(`${build} && docker run --rm b cat /f`)).toBe('built')
  await page.click('//button[contains(normalize-space(), "Lessons")]')
  await page.click('//button[contains(normalize-space(), "chroot")]')
  await page.waitForFunction(() => document.querySelector('article h2, .lesson h2') !== null, [], {
    timeout: 30_000,
  })
}

test('in Chromium: a container, a build, a lesson, and nothing is asked of a network', async () => {
  const browser = await launchChromium()
  undo(() => browser.close())
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(String(error)))
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  await page.goto(`${file}?lang=en`)
  await useMachine(page)
  expect(errors).toEqual([])
  expect(asked.filter((url) => !/^(blob|data):/.test(url) && !url.startsWith(file))).toEqual([])
})

test('in Firefox: a container, a build, a lesson', async () => {
  const { page, errors } = await openFirefox(undo)
  await page.goto(`${file}?lang=en`)
  await useMachine(page)
  expect(errors).toEqual([])
})
