/** Any Markdown file → a lesson of one step whose blocks can be tried. */
import { EngineError } from '../../../guest/protocol/errors.ts'
import { buildLesson } from '../../../web/src/lessons/import/build-lesson.ts'
import { imagesAtHand } from '../../../web/src/lessons/import/images-at-hand.ts'
import { importPage, type Dialect } from '../../../web/src/lessons/import/import-page.ts'
import { ImportReport } from '../../../web/src/lessons/import/import-report.ts'
import { LessonNeeds } from '../../../web/src/lessons/import/lesson-needs.ts'
import type { Fence } from '../../../web/src/lessons/import/markdown-lines.ts'
import type { Lesson } from '../../../web/src/lessons/format/lesson.ts'

const SHELLS = new Set(['sh', 'bash', 'shell', 'console', 'shell-session', 'sh-session'])
const TERMINAL = /^term=([a-z][a-z0-9-]*)$/
const FILE = /^file=(\/(?:[\w.-]+\/)*[\w.-]+)$/

/**
 * Blocks of a shell are run, except those with the word `no-run` behind their language. `term=NAME`, `interrupt` and
 * `file=/PATH` mean what they mean in a lesson; other words are passed over.
 *
 * @param name stands for the file in places
 * @throws EngineError `invalid` when no block of it can be tried
 */
export function lessonOfMarkdown(name: string, text: string, images: Iterable<string> = []): Lesson {
  const report = new ImportReport()
  const dialect = new PlainDialect(name, new LessonNeeds(report, imagesAtHand(images)))
  const source = { file: name, text, title: name, picture: () => 'picture-1.png' }
  const blocks = importPage(source, dialect, report)
  if (!dialect.hasBlocks)
    throw new EngineError('invalid', `${name} has no block to run: \`\`\`sh, bash, shell or console are`)
  const lesson = buildLesson(
    name,
    {
      ...{ title: name, introduction: [], start: undefined, files: [], terminals: dialect.terminals },
      steps: [{ id: name, title: name, blocks, verify: undefined }],
    },
    report,
  )
  return lesson
}

class PlainDialect implements Dialect {
  readonly #file: string
  readonly #needs: LessonNeeds
  readonly terminals = ['host']
  hasBlocks = false

  constructor(file: string, needs: LessonNeeds) {
    this.#file = file
    this.#needs = needs
  }

  prepare(text: string): string {
    return text
  }

  fence({ opening, text, line }: Fence): string {
    const [given = '', ...words] = opening.split(/[\s,{}]+/).filter((word) => word !== '')
    const language = /^[\w+.#-]{1,32}$/.test(given) ? given : ''
    const file = words.map((word) => FILE.exec(word)?.[1]).find((path) => path !== undefined)
    if (file !== undefined) {
      this.#needs.ofFile(file, text)
      return `${language} file=${file}`
    }
    if (!SHELLS.has(language) || words.includes('no-run')) return language
    this.hasBlocks = true
    this.#needs.ofBlock(this.#file, line, text)
    const terminal = words.map((word) => TERMINAL.exec(word)?.[1]).find((name) => name !== undefined)
    if (terminal !== undefined && !this.terminals.includes(terminal)) this.terminals.push(terminal)
    const where = terminal === undefined ? '' : ` term=${terminal}`
    return `${language} run${where}${words.includes('interrupt') ? ' interrupt' : ''}`
  }

  line(): undefined {
    return undefined
  }

  words(words: string): string {
    return words
  }

  action(): undefined {
    return undefined
  }
}
