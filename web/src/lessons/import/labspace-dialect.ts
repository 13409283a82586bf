/**
 * Markdown of Docker's labspaces: words behind fences (`no-run-button`, `no-copy-button`, `save-as=PATH`,
 * `terminal-id=ID`, `highlight=LINES`), directives (`:tabLink[…]{href=…}`, `:fileLink[…]{path=…}`,
 * `::variableDefinition[…]{…}`, `::variableSetButton[…]{…}`, `:::conditionalDisplay{…}`), GitHub's alerts, and `$$name$$`
 * for variables. Facts from github.com/dockersamples/labspace-infra, docs/markdown-options.md.
 */
import type { LessonNeeds } from './lesson-needs.ts'
import type { Dialect } from './import-page.ts'
import type { ImportReport } from './import-report.ts'
import { resolvePath } from './lesson-files.ts'
import type { Fence } from './markdown-lines.ts'

/** Where the project's files lie: the folder that the page's shells begin in. */
export const PROJECT = '/root'

const RUNNABLE = new Set(['bash', 'sh', 'shell', 'console'])
const KNOWN_WORDS = new Set(['no-run-button', 'no-copy-button', 'highlight'])
const MAX_TERMINALS = 4
const VARIABLE = /\$\$([A-Za-z_][\w.-]{0,63})\$\$/g
const INLINE = /:{1,2}(tabLink|fileLink)\[([^\]\n]{0,300})\]\{([^{}\n]{0,500})\}/g
const BLOCK = /^\s{0,20}(:{2,})(\w{0,40})(?:\[([^\]\n]{0,300})\])?(?:\{[^{}\n]{0,500}\})?\s*$/
const ALERT = /^([ \t>]{0,40})\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]\s*$/

/** What the pages of one labspace share. */
export class LabspaceTerminals {
  /** Our names by the author's. */
  readonly #names = new Map<string, string>()

  /** The names of all terminals. */
  get names(): string[] {
    return ['host', ...this.#names.values()]
  }

  /** Our name for the author's terminal; undefined when there are too many. */
  nameOf(id: string): string | undefined {
    if (!this.#names.has(id) && this.#names.size < MAX_TERMINALS - 1) {
      const slug = id
        .toLowerCase()
        .replace(/[^a-z0-9-]/g, '')
        .slice(0, 20)
      const isFree = /^[a-z]/.test(slug) && !this.names.includes(slug)
      this.#names.set(id, isFree ? slug : `terminal-${this.#names.size + 2}`)
    }
    return this.#names.get(id)
  }
}

export class LabspaceDialect implements Dialect {
  readonly #file: string
  readonly #report: ImportReport
  readonly #needs: LessonNeeds
  readonly #terminals: LabspaceTerminals
  readonly #variables: Readonly<Record<string, string>>

  constructor(
    file: string,
    report: ImportReport,
    needs: LessonNeeds,
    terminals: LabspaceTerminals,
    variables: Readonly<Record<string, string>>,
  ) {
    this.#file = file
    this.#report = report
    this.#needs = needs
    this.#terminals = terminals
    this.#variables = variables
  }

  /** Variables become their values; one without a value its name, as in a labspace before the learner gave it. */
  prepare(text: string): string {
    let [line, seen] = [1, 0]
    return text.replace(VARIABLE, (whole, name: string, offset: number) => {
      if (Object.hasOwn(this.#variables, name)) return this.#variables[name]!
      line += text.slice(seen, offset).split('\n').length - 1
      seen = offset
      this.#report.add(this.#file, line, whole, 'variable')
      return name
    })
  }

  fence({ opening, text, line }: Fence): string {
    const [given = '', ...words] = opening.split(/\s+/)
    const language = /^[\w+.#-]{1,32}$/.test(given) ? given : ''
    const options = new Map(
      words.filter(Boolean).map((word): [string, string] => {
        const at = word.indexOf('=')
        return at < 0 ? [word, ''] : [word.slice(0, at), word.slice(at + 1)]
      }),
    )
    if (language === 'mermaid') this.#tell(line, 'mermaid', 'diagram')
    for (const [key, value] of options)
      if (!KNOWN_WORDS.has(key) && key !== 'save-as' && key !== 'terminal-id')
        this.#tell(line, value === '' ? key : `${key}=${value}`, 'option')
    const copy = options.has('no-copy-button') ? '' : ' copy'
    const saved = options.get('save-as')
    if (saved !== undefined) return `${language}${copy}${this.#savedAs(saved, text, line)}`
    if (!RUNNABLE.has(language) || options.has('no-run-button')) return `${language}${copy}`
    this.#needs.ofBlock(this.#file, line, text)
    return `${language} run${copy}${this.#terminal(options.get('terminal-id'), line)}`
  }

  line(line: string, at: number): string[] | undefined {
    const alert = ALERT.exec(line)
    if (alert) return [`${alert[1]}**${alert[2]![0]}${alert[2]!.slice(1).toLowerCase()}.**`]
    const block = BLOCK.exec(line)
    if (!block) return undefined
    const [, colons, name, words] = block as unknown as [string, string, string, string | undefined]
    if (name === '') return ['']
    if (name === 'tabLink' || name === 'fileLink') return undefined
    const reason = name.startsWith('variable') ? 'variable' : colons.length > 2 ? 'condition' : 'option'
    this.#tell(at, line.trim(), reason)
    return name === 'variableSetButton' && words !== undefined ? ['', words, ''] : ['']
  }

  words(words: string, at: number): string {
    if (!words.includes(':')) return words
    return words.replace(INLINE, (whole, name: string, text: string, attributes: string) => {
      if (name === 'fileLink') {
        this.#tell(at, whole, 'editor')
        return text
      }
      return `[${text}](${/href="([^"()\s<>]{0,500})"/.exec(attributes)?.[1] ?? ''})`
    })
  }

  action(): undefined {
    return undefined
  }

  #savedAs(named: string, text: string, line: number): string {
    const path = named.startsWith('~/')
      ? resolvePath('', `root/${named.slice(2)}`)
      : resolvePath(PROJECT.slice(1), named)
    if (path === undefined || !/^(?:[\w.-]+\/)*[\w.-]+$/.test(path)) {
      this.#tell(line, `save-as=${named}`, 'option')
      return ''
    }
    this.#needs.ofFile(`/${path}`, text)
    return ` file=/${path}`
  }

  #terminal(id: string | undefined, line: number): string {
    if (id === undefined || id === '') return ''
    const name = this.#terminals.nameOf(id)
    if (name !== undefined) return ` term=${name}`
    this.#tell(line, `terminal-id=${id}`, 'option')
    return ''
  }

  #tell(
    line: number,
    what: string,
    reason: 'diagram' | 'option' | 'variable' | 'condition' | 'editor',
  ): void {
    this.#report.add(this.#file, line, what, reason)
  }
}
