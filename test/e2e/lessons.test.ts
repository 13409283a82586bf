/**
 * Three lessons on the page, as a learner goes through them; each step is read in both languages, and done in the one or the
 * other. The lessons are those with blocks, files, a build, challenges and quizzes; test/guest/lessons.test.ts has all.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Learner } from '../../scripts/lib/lessons/learn-lesson.ts'
import { ownLessons, readLessonFolders } from '../../scripts/lib/lessons/lesson-folder.ts'
import { LOCALES } from '../../web/src/i18n/catalogue.ts'
import { plainText } from '../../web/src/lessons/markdown/tree.ts'
import { booted, TerminalDriver, visit, type Visit } from './browser.ts'

const NAMES = ['why-containers', 'states', 'dockerfile']
const lessons = (await readLessonFolders(await ownLessons())).filter(({ name }) => NAMES.includes(name))
const named = lessons.map(({ name, lesson }) => [name, lesson] as const)

let open: Visit
beforeAll(async () => {
  open = await visit('lang=en&lesson=why-containers')
  await booted(open.page)
  // High, so that what a block prints leaves its own line in sight.
  await open.page.setViewportSize({ width: 1280, height: 1300 })
  await TerminalDriver.read(open.page)
})
afterAll(() => open?.close())

test.each(named)('“%s” is learnt in both languages', { timeout: 600_000 }, async (name, lesson) => {
  const { page } = open
  const column = page.locator('article.lesson')
  if (name !== NAMES[0]) {
    await column.locator('header button').first().click()
    await page.locator(`[data-lesson="${name}"]`).click()
  }
  await column.locator('h2', { hasText: plainText(lesson!.prose.en.title) }).waitFor()
  const learned: string[] = []
  for (const at of lesson!.prose.en.steps.keys()) {
    const turn = at % 2 === 0 ? LOCALES : LOCALES.toReversed()
    const learner = new Learner(page, lesson!, turn[1]!)
    for (const locale of turn) {
      await page.locator('#language').selectOption(locale)
      const { title } = lesson!.prose[locale].steps[at]!
      await column.locator('.steps button', { hasText: plainText(title) }).click()
      await column.locator('h3', { hasText: plainText(title) }).waitFor()
    }
    if (at === 0) await learner.ready()
    learned.push(...(await learner.learn(at)).map(({ id }) => id))
  }
  await page.locator('#language').selectOption('en')
  expect(learned.sort()).toEqual(lesson!.tasks.map(({ id }) => id).sort())
  expect(await column.locator('.steps button.done').count()).toBeGreaterThan(0)
  expect(await column.locator('[data-lesson-phase]').innerText()).toContain(
    `${learned.length} of ${learned.length} tasks done`,
  )
  expect(open.errors).toEqual([])
})
