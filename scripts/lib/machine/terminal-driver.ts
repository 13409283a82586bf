import type { DrivenPage } from './driven-page.ts'

/** Milliseconds a command may take on a busy machine. */
export const COMMAND_MS = 120_000

/** The rows of the terminal in front, which xterm writes for screen readers. */
const ROWS = '.holder:not([hidden]) .xterm-accessibility-tree > *'

/** The switch has another name in each language of the page. */
const READER_TOGGLE = '[data-reader]'

/** Drives the terminal in front as a person does: types on the keyboard and reads what a screen reader reads. */
export class TerminalDriver {
  private readonly page: DrivenPage

  private constructor(page: DrivenPage) {
    this.page = page
  }

  /** In screen reader mode xterm keeps its visible rows as text in the document. */
  static async read(page: DrivenPage): Promise<void> {
    const pressed = ([toggle]: string[]) => document.querySelector(toggle!)?.getAttribute('aria-pressed')
    await page.waitForFunction(pressed, [READER_TOGGLE], { timeout: COMMAND_MS })
    if ((await page.evaluate(pressed, [READER_TOGGLE])) === 'false') await page.click(READER_TOGGLE)
  }

  static async open(page: DrivenPage): Promise<TerminalDriver> {
    await TerminalDriver.read(page)
    const driver = new TerminalDriver(page)
    await page.click('.holder:not([hidden]) .xterm-screen')
    await driver.see(/[#$]$/m)
    return driver
  }

  async another(): Promise<TerminalDriver> {
    await this.page.click('button[aria-label="Another terminal"]')
    return TerminalDriver.open(this.page)
  }

  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text)
  }

  async line(text: string): Promise<void> {
    await this.type(text)
    await this.page.keyboard.press('Enter')
  }

  /** Resolves with the visible text, one row a line, once it matches. Rejects with the text that is visible instead. */
  async see(pattern: RegExp): Promise<string> {
    const { source, flags } = pattern
    const matches = ([selector, source, flags]: string[]) => {
      const rows = [...document.querySelectorAll(selector!)].map((row) => row.textContent ?? '')
      return new RegExp(source!, flags).test(
        rows.map((row) => row.replaceAll('\u00a0', ' ').trimEnd()).join('\n'),
      )
    }
    try {
      await this.page.waitForFunction(matches, [ROWS, source, flags], { timeout: COMMAND_MS })
    } catch (cause) {
      throw new Error(`the terminal does not show ${pattern}, but:\n${await this.text()}`, { cause })
    }
    return this.text()
  }

  async text(): Promise<string> {
    const rows = await this.page.evaluate(
      ([selector]) => [...document.querySelectorAll(selector!)].map((row) => row.textContent ?? ''),
      [ROWS],
    )
    return rows.map((row) => row.replaceAll('\u00a0', ' ').trimEnd()).join('\n')
  }

  /** Clears the screen, runs a command and resolves with what it printed, one row a line. */
  async run(command: string): Promise<string> {
    const mark = `end-${Math.random().toString(36).slice(2, 8)}`
    // The shell joins the two parts of the mark, so the typed line itself does not contain it.
    await this.line(`clear; ${command}; echo ${mark.slice(0, 4)}""${mark.slice(4)}`)
    const seen = await this.see(new RegExp(`^.*${mark}`, 's'))
    return seen.slice(0, seen.indexOf(mark)).trim()
  }
}
