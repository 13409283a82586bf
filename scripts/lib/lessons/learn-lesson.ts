/**
 * Takes a learner's way through a lesson on the page: reads each step, runs its blocks by click, checks, asks for hints, and
 * does by the shown way, or types, what the blocks have not done.
 */
import type { Locator, Page } from 'playwright-core'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { CATALOGUE, type Locale, type MessageKey } from '../../../web/src/i18n/catalogue.ts'
import type { Lesson, Step, Task } from '../../../web/src/lessons/format/lesson.ts'
import { plainText } from '../../../web/src/lessons/markdown/tree.ts'
import { goesOn } from './goes-on.ts'

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

  /** Goes through the step, and resolves with how its tasks were done. Rejects with what stands in the way, and where. */
  async learn(at: number): Promise<LearnedTask[]> {
    const step = this.#lesson.prose[this.#locale].steps[at]!
    try {
      return await this.#learn(at, step)
    } catch (cause) {
      const { message } = EngineError.from(cause)
      throw new Error(`step “${step.id}”: ${message}\nthe terminal in front:\n${await this.#screen()}`, {
        cause,
      })
    }
  }

  async #learn(at: number, step: Step): Promise<LearnedTask[]> {
    await this.#open(at, step)
    const learned: LearnedTask[] = []
    for (const part of await this.#column.locator('.text').locator('.block, .task, fieldset').all()) {
      const [task, quiz] = [await part.getAttribute('data-task'), await part.getAttribute('data-quiz')]
      if (task !== null) learned.push(await this.#do(part, this.#taskOf(task)))
      else if (quiz !== null) await this.#answer(part, quiz)
      else await this.#use(part)
    }
    return learned
  }

  #taskOf(task: string): Task {
    return this.#lesson.tasks.find(({ id }) => id === task)!
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
    const button = block.locator('.primary')
    const interrupts = (await button.innerText()).trim() === CATALOGUE[this.#locale]['lesson.runInterrupt']
    const press = async (): Promise<boolean> => {
      await button.click()
      return true
    }
    await this.#entered(lines.at(-1)!, press, interrupts)
  }

  /**
   * Does what enters lines in a terminal, and resolves when the shell has run the last of them: the next prompt is there, of
   * this shell or of one that the line has begun; of a command that goes on, when it has begun. False when `act` has entered nothing.
   */
  async #entered(last: string, act: () => Promise<boolean>, interrupts = false): Promise<boolean> {
    const counts = new Map<string, number>()
    for (const tab of await this.#page.locator('.tab').all())
      counts.set(await tab.innerText(), Number(await tab.getAttribute('data-lines')))
    if (!(await act())) return false
    const tab = this.#page.locator('.tab.selected')
    const before = counts.get(await tab.innerText()) ?? 0
    const waits = ([rows, last, before, endless, interrupts]: (string | number)[]): boolean => {
      const { dataset } = document.querySelector<HTMLElement>('.tab.selected')!
      const line = String(last).trim()
      const isLast = (dataset['line'] ?? '').trimEnd().endsWith(line)
      if (Number(dataset['lines']) <= Number(before) || !isLast) return false
      // The prompt that an interrupt brings comes before the line is run.
      if (endless === 1 || (dataset['running'] === 'false' && interrupts === 0)) return true
      const texts = [...document.querySelectorAll(String(rows))]
        .map((row) => (row.textContent ?? '').replaceAll('\u00a0', ' ').trimEnd())
        .filter((text) => text !== '')
      // A prompt below the line: the one that the line was typed at may still stand alone.
      const at = texts.findLastIndex((text) => text.endsWith(line.slice(-30)))
      return at >= 0 && at < texts.length - 1 && /[#$]$/.test(texts.at(-1)!)
    }
    try {
      const given = [ROWS, last, before, Number(goesOn(last)), Number(interrupts)]
      await this.#page.waitForFunction(waits, given, { timeout: PATIENCE })
    } catch (cause) {
      throw new Error(`no prompt came after «${last}»`, { cause })
    }
    return true
  }

  async #screen(): Promise<string> {
    const rows = await this.#page.locator(ROWS).allTextContents()
    return rows
      .map((row) => row.trimEnd())
      .filter((row) => row !== '')
      .slice(-25)
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
    const { id } = task
    if (await this.#check(card)) return { id, way: 'blocks', hint: undefined }
    const hint = await this.#hint(card, task)
    if (!(await this.#solve(card, task))) return { id, way: 'blocks', hint }
    const end = performance.now() + PATIENCE
    while (!(await this.#check(card))) {
      if (performance.now() > end)
        throw new Error(`“${id}” is not done by its solution:\n${await card.innerText()}`)
      // A look takes the guest's processor from what it looks at, so that what comes up is given a second.
      await this.#page.waitForTimeout(1000)
    }
    return { id, way: task.challenge ? 'typed' : 'solution', hint }
  }

  /**
   * Presses a button of the task; false when the task is done. An event may show that at any moment, and takes the buttons
   * away, so that looking and pressing are one step.
   */
  async #press(card: Locator, key: MessageKey): Promise<boolean> {
    const press = ([element, name]: readonly [Element, string]): 'done' | 'pressed' | undefined => {
      if (element.getAttribute('data-done') === 'true') return 'done'
      const buttons = [...element.querySelectorAll('button')]
      const button = buttons.find(({ textContent, disabled }) => textContent?.trim() === name && !disabled)
      button?.click()
      return button && 'pressed'
    }
    const element = (await card.elementHandle())!
    const pressed = await this.#page.waitForFunction(
      press,
      [element, CATALOGUE[this.#locale][key]] as const,
      {
        timeout: PATIENCE,
      },
    )
    return (await pressed.jsonValue()) === 'pressed'
  }

  /** Resolves when something of this kind is in the card, or the task is done. */
  async #shown(card: Locator, what: string): Promise<void> {
    const isShown = ([element, what]: readonly [Element, string]): boolean =>
      element.getAttribute('data-done') === 'true' ||
      element.querySelector(what) !== null ||
      document.querySelector('article.lesson [role="alert"]') !== null
    const element = (await card.elementHandle())!
    await this.#page.waitForFunction(isShown, [element, what] as const, { timeout: PATIENCE })
    const alert = this.#column.getByRole('alert')
    if ((await alert.count()) > 0) throw new Error(await alert.first().innerText())
  }

  /** Asks whether the task is done. */
  async #check(card: Locator): Promise<boolean> {
    if (!(await this.#press(card, 'lesson.check'))) return true
    await this.#shown(card, '[data-unmet]')
    return (await card.getAttribute('data-done')) === 'true'
  }

  async #hint(card: Locator, { hints }: Task): Promise<string | undefined> {
    if (hints.length === 0 || !(await this.#press(card, 'lesson.hint'))) return undefined
    await this.#shown(card, '[data-hint]')
    const [hint] = await card.locator('[data-hint]').all()
    return (await hint?.getAttribute('data-hint')) ?? undefined
  }

  /** False when the task was done before. */
  async #solve(card: Locator, task: Task): Promise<boolean> {
    const lines = task.solve.trimEnd().split('\n')
    if (!task.challenge) {
      if (!(await this.#press(card, 'lesson.solve'))) return false
      await this.#shown(card, '.block')
      return this.#entered(lines.at(-1)!, () => this.#press(card, 'lesson.run'))
    }
    return this.#entered(lines.at(-1)!, async () => {
      await this.#page.click('.holder:not([hidden]) .xterm-screen')
      for (const line of lines) {
        await this.#page.keyboard.type(line)
        await this.#page.keyboard.press('Enter')
      }
      return true
    })
  }
}
