/**
 * `npm run lesson:test -- [--lang en|zh-CN] [name …]`: takes a learner's way through our own lessons on the built page, in
 * Chromium, in both languages. A table on stdout; exit status 1 when a lesson cannot be done. Nothing of it runs in
 * `npm test`: test/e2e/lessons.test.ts goes through some.
 */
import { parseArgs } from 'node:util'
import { EngineError } from '../../guest/protocol/errors.ts'
import { LOCALES, type Locale } from '../../web/src/i18n/catalogue.ts'
import type { Lesson } from '../../web/src/lessons/format/lesson.ts'
import { buildSite } from '../build.ts'
import { Learner, type LearnedTask } from '../lib/lessons/learn-lesson.ts'
import { ownLessons, readLessonFolders } from '../lib/lessons/lesson-folder.ts'
import { isMain, main } from '../lib/main.ts'
import { launchChromium } from '../lib/machine/chromium.ts'
import { TerminalDriver } from '../lib/machine/terminal-driver.ts'
import { serveSite } from '../serve.ts'

const USAGE = 'npm run lesson:test -- [--lang en|zh-CN] [name …]'

function parseLessonTestArguments(argv: string[]): { names: string[]; locales: readonly Locale[] } {
  try {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: { lang: { type: 'string' } },
    })
    const locales = LOCALES.filter((locale) => values.lang === undefined || values.lang === locale)
    if (locales.length === 0) throw new Error(`there is no language “${values.lang}”`)
    return { names: positionals, locales }
  } catch (error) {
    throw new EngineError('invalid', `${(error as Error).message}\nusage: ${USAGE}`)
  }
}

type Chromium = Awaited<ReturnType<typeof launchChromium>>

/** A learner's way through the whole lesson, on a machine of its own. */
async function learn(browser: Chromium, url: string, lesson: Lesson, locale: Locale): Promise<LearnedTask[]> {
  // High, so that what a block prints leaves its own line in sight.
  const page = await browser.newPage({ viewport: { width: 1280, height: 2400 } })
  try {
    await page.goto(`${url}?lang=${locale}&lesson=${lesson.name}`)
    const learner = new Learner(page, lesson, locale)
    await learner.ready()
    await TerminalDriver.read(page)
    const learned: LearnedTask[] = []
    for (const at of lesson.prose[locale].steps.keys()) learned.push(...(await learner.learn(at)))
    return learned
  } finally {
    await page.close()
  }
}

function row(lesson: string, locale: Locale, began: number, result: string): void {
  const seconds = ((performance.now() - began) / 1000).toFixed(0)
  console.log(`${lesson.padEnd(20)}  ${locale.padEnd(6)}  ${seconds.padStart(5)} s  ${result}`)
}

const waysOf = (tasks: readonly LearnedTask[]): string =>
  tasks.map(({ id, way, hint }) => `${id}: ${way}${hint === undefined ? '' : ` (${hint})`}`).join(', ')

async function tell(browser: Chromium, url: string, lesson: Lesson, locale: Locale): Promise<void> {
  const began = performance.now()
  try {
    row(lesson.name, locale, began, waysOf(await learn(browser, url, lesson, locale)))
  } catch (error) {
    row(lesson.name, locale, began, EngineError.from(error).message)
    process.exitCode = 1
  }
}

if (isMain(import.meta.url)) {
  await main(async () => {
    const { names, locales } = parseLessonTestArguments(process.argv.slice(2))
    const read = await readLessonFolders(await ownLessons())
    await buildSite()
    const site = await serveSite({ port: 0, base: '/lab/' })
    const browser = await launchChromium()
    for (const { lesson } of read.filter(({ name }) => names.length === 0 || names.includes(name)))
      // Each machine keeps one processor busy, and a computer has two at least.
      await Promise.all(locales.map((locale) => tell(browser, site.url, lesson!, locale)))
    await browser.close()
    await site.close()
  })
}
