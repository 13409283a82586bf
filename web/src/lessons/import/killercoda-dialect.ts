/**
 * Markdown of Killercoda and, before it, Katacoda: `{{exec}}`, `{{exec interrupt}}` and `{{copy}}` behind code or behind
 * the end of a fence, `{{TRAFFIC_HOST1_80}}` for the address of a port. Facts from https://killercoda.com/creators and
 * the scenarios of github.com/killercoda/scenario-examples.
 */
import type { CodeBlock } from '../markdown/code-block.ts'
import type { LessonNeeds } from './lesson-needs.ts'
import { commandBlock, type Dialect } from './import-page.ts'
import type { ImportReport } from './import-report.ts'
import type { Fence } from './markdown-lines.ts'

const ACTIONS = /^(?:exec|execute|copy|open|interrupt|HOST\d|T\d|ctrl-seq)$/

export class KillercodaDialect implements Dialect {
  readonly #file: string
  readonly #report: ImportReport
  readonly #needs: LessonNeeds

  constructor(file: string, report: ImportReport, needs: LessonNeeds) {
    this.#file = file
    this.#report = report
    this.#needs = needs
  }

  /** Ports of the first host are the machine's own. */
  prepare(text: string): string {
    return text
      .replace(/\{\{TRAFFIC_HOST1_(\d{1,5})\}\}/g, (_all, port: string) => `http://localhost:${port}`)
      .replace(/\{\{TRAFFIC_SELECTOR\}\}/g, 'http://localhost')
  }

  fence({ opening, closing, text, line }: Fence): string {
    const language = /^[\w+.#-]{1,32}/.exec(opening)?.[0] ?? ''
    const given = /\{\{([^{}]{0,80})\}\}/.exec(`${opening} ${closing}`)?.[1]
    const code = given === undefined ? undefined : this.action(given, text, line)
    if (!code?.run) return `${language} copy`
    const shell = language === '' || language === 'plain' ? 'sh' : language
    return `${shell} run copy${code.interrupt ? ' interrupt' : ''}`
  }

  line(): undefined {
    return undefined
  }

  words(words: string, at: number): string {
    for (const [placeholder] of words.matchAll(/\{\{TRAFFIC_HOST\d_\d{1,5}\}\}/g))
      this.#report.add(this.#file, at, placeholder, 'cluster')
    return words
  }

  action(words: string, code: string, line: number): CodeBlock | undefined {
    const actions = words.trim().split(/\s+/).filter(Boolean)
    if (!actions.every((action) => ACTIONS.test(action))) return undefined
    if (actions.includes('open')) this.#report.add(this.#file, line, code, 'editor')
    const other = actions.find((action) => /^HOST[2-9]$/.test(action))
    if (other !== undefined) this.#report.add(this.#file, line, `${other}: ${code}`, 'cluster')
    const run = actions.includes('exec') || actions.includes('execute')
    if (run) this.#needs.ofBlock(this.#file, line, code)
    return commandBlock(code, { run, interrupt: actions.includes('interrupt'), line })
  }
}
