/**
 * Takes a learner's way through a lesson on the page: reads each step, runs its blocks by click, checks, asks for hints, and
 * does by the shown way, or types, what the blocks have not done.
 */
import type { Locator, Page } from 'playwright-core'
import type { Locale } from '../../../web/src/i18n/catalogue.ts'
import { CATALOGUE } from '../../../web/src/i18n/catalogue.ts'
import type { Lesson, Step, Task } from '../../../web/src/lessons/format/lesson.ts'
import { plainText } from '../../../web/src/lessons/markdown/tree.ts'

/** Milliseconds in which a command, a check or what was started must be done. */
const PATIENCE = 180_000

/** How a task came to be done: by the step's own blocks, by the solution that the page shows, or typed by hand. */
export type Way = 'blocks' | 'solution' | 'typed'

export interface LearnedTask {
  id: string
  way: Way
  /** The hint that was given before it was done. */
  hint: string | undefined
}

/** The rows of the terminal in front, which xterm writes in screen reader mode. */
const ROWS = '.holder:not([hidden]) .xterm-accessibility-tree > *'

export class Learner {
  readonly #page: Page
  readonly #lesson: Lesson
  readonly #locale: Locale
  readonly #column: Locator

  /** The lesson is open in the page, in the language, and the terminal in screen reader mode. */
  constructor(page: Page, lesson: Lesson, locale: Locale) {
    this.#page = page
    this.#lesson = lesson
    this.#locale = locale
    this.#column = page.locator('article.lesson')
  }

  /** Resolves when the lesson's images are there and its script has run. */
  async ready(): Promise<void> {
    const phase = this.#column.locator('[data-lesson-phase]:not([data-lesson-phase="preparing"])')
    await phase.waitFor({ timeout: PATIENCE })
    if ((await phase.getAttribute('data-lesson-phase')) === 'failed')
      throw new Error(
        `“${this.#lesson.name}” was not prepared: ${await this.#column.getByRole('alert').innerText()}`,
      )
  }

  /** Goes through the step, and resolves with how its tasks were done. Rejects with what stands in the way. */
  async learn(at: number): Promise<LearnedTask[]> {
    const step = this.#lesson.prose[this.#locale].steps[at]!
    await this.#open(at, step)
    const learned: LearnedTask[] = []
    for (const part of await this.#column.locator('.text').locator('.block, .task, fieldset').all()) {
      const [task, quiz] = [await part.getAttribute('data-task'), await part.getAttribute('data-quiz')]
      if (task !== null)
        learned.push(
          await this.#do(
            part,
            this.#lesson.tasks.find(({ id }) => id === task)!,
          ),
        )
      else if (quiz !== null) await this.#answer(part, quiz)
      else await this.#use(part)
    }
    return learned
  }

  async #open(at: number, step: Step): Promise<void> {
    await this.#column.locator('.steps button').nth(at).click()
    const heading = await this.#column.locator('h3').innerText()
    if (heading !== plainText(step.title))
      throw new Error(`the step “${step.id}” is called “${heading}”, not “${plainText(step.title)}”`)
  }

  /** Runs a block, or writes its file. */
  async #use(block: Locator): Promise<void> {
    const button = block.locator('.primary')
    if ((await button.count()) === 0) return
    if ((await block.locator('.file').count()) === 0) return this.#run(block)
    await button.click()
    await block.locator('.said', { hasText: /./ }).waitFor({ timeout: PATIENCE })
  }

  async #run(block: Locator): Promise<void> {
    const lines = (await block.locator('pre').innerText()).trimEnd().split('\n')
    await block.locator('.primary').click()
    await this.#prompt(lines.at(-1)!)
  }

  /** Resolves when the last line of a block stands in the terminal and a prompt waits below it. */
  async #prompt(line: string): Promise<void> {
    const waits = ([rows, line]: string[]): boolean => {
      const texts = [...document.querySelectorAll(rows!)].map((row) =>
        (row.textContent ?? '').replaceAll('\u00a0', ' ').trimEnd(),
      )
      const shown = texts.filter((text) => text !== '')
      // A long line is broken into rows, of which the first has its beginning.
      const at = shown.findLastIndex((text) => text.includes(line!))
      return at >= 0 && at < shown.length - 1 && /[#$]$/.test(shown.at(-1)!)
    }
    try {
      await this.#page.waitForFunction(waits, [ROWS, line.slice(0, 24)], { timeout: PATIENCE })
    } catch (cause) {
      throw new Error(`no prompt came after «${line}»:\n${await this.#screen()}`, { cause })
    }
  }

  async #screen(): Promise<string> {
    const rows = await this.#page.locator(ROWS).allTextContents()
    return rows
      .map((row) => row.trimEnd())
      .filter((row) => row !== '')
      .slice(-12)
      .join('\n')
  }

  async #answer(card: Locator, quiz: string): Promise<void> {
    const { answers } = this.#lesson.quizzes.find(({ id }) => id === quiz)!
    for (const answer of answers)
      await card
        .locator('input')
        .nth(answer - 1)
        .check()
    await card.getByRole('button').click()
    await card.locator('.right').waitFor()
  }

  async #do(card: Locator, task: Task): Promise<LearnedTask> {
    if (await this.#check(card, false)) return { id: task.id, way: 'blocks', hint: undefined }
    const hint = await this.#hint(card)
    await this.#solve(card, task)
    const end = performance.now() + PATIENCE
    while (!(await this.#check(card, true)))
      if (performance.now() > end)
        throw new Error(
          `“${task.id}” is not done by its solution: ${await card.locator('[data-unmet]').innerText()}\n${await this.#screen()}`,
        )
    return { id: task.id, way: task.challenge ? 'typed' : 'solution', hint }
  }

  /**
   * Asks whether the task is done, unless the page has seen that itself. A look takes the guest's processor from what it looks
   * at, so that a later one gives what comes up a second.
   */
  async #check(card: Locator, later: boolean): Promise<boolean> {
    const isDone = async (): Promise<boolean> => (await card.getAttribute('data-done')) === 'true'
    if (later) await this.#page.waitForTimeout(1000)
    if (await isDone()) return true
    const name = CATALOGUE[this.#locale]['lesson.check']
    await card.getByRole('button', { name, exact: true }).click({ timeout: PATIENCE })
    const answered = (element: Element): boolean =>
      element.getAttribute('data-done') === 'true' ||
      element.querySelector('[data-unmet]') !== null ||
      document.querySelector('article.lesson [role="alert"]') !== null
    await this.#page.waitForFunction(answered, (await card.elementHandle())!, { timeout: PATIENCE })
    const alert = this.#column.getByRole('alert')
    if ((await alert.count()) > 0) throw new Error(await alert.first().innerText())
    return isDone()
  }

  async #hint(card: Locator): Promise<string | undefined> {
    const button = card.getByRole('button', { name: CATALOGUE[this.#locale]['lesson.hint'], exact: true })
    if ((await button.count()) === 0) return undefined
    await button.click()
    const hint = card.locator('[data-hint]')
    await hint.waitFor({ timeout: PATIENCE })
    return (await hint.getAttribute('data-hint')) ?? undefined
  }

  async #solve(card: Locator, task: Task): Promise<void> {
    if (!task.challenge) {
      await card.getByRole('button', { name: CATALOGUE[this.#locale]['lesson.solve'], exact: true }).click()
      return this.#run(card.locator('.block'))
    }
    const lines = task.solve.trimEnd().split('\n')
    await this.#page.click('.holder:not([hidden]) .xterm-screen')
    for (const line of lines) {
      await this.#page.keyboard.type(line)
      await this.#page.keyboard.press('Enter')
    }
    await this.#prompt(lines.at(-1)!)
  }
}
