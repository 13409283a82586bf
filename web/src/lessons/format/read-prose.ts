/**
 * en.md, zh-CN.md → Prose. `# ` is the title, what follows it the introduction, and each `## Title {#id}` begins a step.
 * Paragraphs that begin with `::` stand for parts of the lesson:
 *
 *     ::task{id=run} What to do.
 *     ::hint{task=run id=exited} What to say to one whose container has ended.
 *     ::fail{task=run} Why it cannot be done any more.
 *     ::quiz{id=kernel} The question; the list below it has the options.
 *     ::answer{quiz=kernel} Why it is so.
 *     ::notes{id=idea} What to write down.
 */
import { parseMarkdown } from '../markdown/parse-markdown.ts'
import {
  plainText,
  type Directive,
  type Inline,
  type PlacedBlock,
  type PlainBlock,
} from '../markdown/tree.ts'
import type { Prose, Step, StepBlock } from './lesson.ts'

export type ReportProse = (line: number, message: string) => void

/** The attributes that a directive must have, all of them ids. */
const DIRECTIVES: Record<string, readonly string[]> = {
  task: ['id'],
  hint: ['task', 'id'],
  fail: ['task'],
  quiz: ['id'],
  answer: ['quiz'],
  notes: ['id'],
}

const MIN_OPTIONS = 2
const MAX_OPTIONS = 9

export interface ReadProse {
  prose: Prose
  /** Lines of the steps by id, for those who compare languages. */
  lines: ReadonlyMap<string, number>
}

/** Reports each fault; what could be read is in the answer. */
export function readProse(text: string, report: ReportProse): ReadProse {
  const { blocks, problems } = parseMarkdown(text)
  for (const { line, message } of problems) report(line, message)
  return new ProseReader(blocks, report).read()
}

class ProseReader {
  readonly #blocks: readonly PlacedBlock[]
  readonly #report: ReportProse
  readonly #steps: Step[] = []
  readonly #lines = new Map<string, number>()
  readonly #hints = new Map<string, Map<string, Inline[]>>()
  readonly #fails = new Map<string, Inline[]>()
  readonly #introduction: PlainBlock[] = []
  /** The quiz whose explanation may follow. */
  #quiz: Extract<StepBlock, { kind: 'quiz' }> | undefined
  #at = 0

  constructor(blocks: readonly PlacedBlock[], report: ReportProse) {
    this.#blocks = blocks
    this.#report = report
  }

  read(): ReadProse {
    const title = this.#title()
    while (this.#at < this.#blocks.length) this.#next(this.#blocks[this.#at++]!)
    if (this.#steps.length === 0) this.#report(1, 'a lesson has steps: ## Title {#id}')
    const [introduction, steps, hints, fails] = [this.#introduction, this.#steps, this.#hints, this.#fails]
    return { prose: { title, introduction, steps, hints, fails }, lines: this.#lines }
  }

  #title(): Inline[] {
    const first = this.#blocks[0]
    if (first?.kind !== 'heading' || first.level !== 1) {
      this.#report(1, 'a lesson begins with its title: # Title')
      return []
    }
    this.#at = 1
    return first.content
  }

  #next(block: PlacedBlock): void {
    if (block.kind === 'heading' && block.level <= 2) return this.#heading(block)
    if (block.kind === 'directive') return this.#directive(block)
    const step = this.#steps.at(-1)
    const { line: _line, ...plain } = block
    if (step === undefined) this.#introduction.push(plain)
    else step.blocks.push(plain)
  }

  #heading({ level, id, content, line }: Extract<PlacedBlock, { kind: 'heading' }>): void {
    if (level === 1) return this.#report(line, 'a lesson has one title')
    if (id === undefined)
      return this.#report(line, `the step “${plainText(content)}” needs an id: ## Title {#id}`)
    if (this.#lines.has(id)) return this.#report(line, `the step “${id}” is there twice`)
    this.#lines.set(id, line)
    this.#steps.push({ id, title: content, blocks: [] })
  }

  #directive({ name, attributes, content, line }: Directive & { line: number }): void {
    const needed = Object.hasOwn(DIRECTIVES, name) ? DIRECTIVES[name] : undefined
    const step = this.#steps.at(-1)
    if (needed === undefined)
      return this.#report(line, `there is no ::${name}: ${Object.keys(DIRECTIVES).join(', ')} are known`)
    if (step === undefined) return this.#report(line, `::${name} stands in a step`)
    const given = [...attributes.keys()].sort().join(', ')
    if (given !== [...needed].sort().join(', '))
      return this.#report(line, `::${name} has ${needed.join(' and ')}, not ${given || 'nothing'}`)
    if (plainText(content).trim() === '') return this.#report(line, `::${name} says nothing`)
    const value = (key: string): string => attributes.get(key)!
    if (name === 'task') step.blocks.push({ kind: 'task', id: value('id'), content })
    else if (name === 'notes') step.blocks.push({ kind: 'notes', id: value('id'), prompt: content })
    else if (name === 'quiz') this.#beginQuiz(step, value('id'), content, line)
    else if (name === 'answer') this.#explain(value('quiz'), content, line)
    else if (name === 'hint') this.#hint(value('task'), value('id'), content, line)
    else if (this.#fails.has(value('task'))) this.#report(line, `::fail of “${value('task')}” is there twice`)
    else this.#fails.set(value('task'), content)
  }

  #hint(task: string, id: string, content: Inline[], line: number): void {
    const hints = this.#hints.get(task) ?? new Map<string, Inline[]>()
    if (hints.has(id)) this.#report(line, `the hint “${id}” of “${task}” is there twice`)
    this.#hints.set(task, hints.set(id, content))
  }

  #beginQuiz(step: Step, id: string, question: Inline[], line: number): void {
    const list = this.#blocks[this.#at]
    const options = list?.kind === 'list' ? list.items.map(onlyParagraph) : []
    if (options.length < MIN_OPTIONS || options.length > MAX_OPTIONS || options.includes(undefined))
      return this.#report(
        line,
        `below ::quiz stands a list of ${MIN_OPTIONS} to ${MAX_OPTIONS} one-line options`,
      )
    this.#at++
    this.#quiz = { kind: 'quiz', id, question, options: options as Inline[][], explanation: [] }
    step.blocks.push(this.#quiz)
  }

  #explain(id: string, content: Inline[], line: number): void {
    if (this.#quiz?.id !== id)
      return this.#report(line, `::answer{quiz=${id}} follows the options of ::quiz{id=${id}}`)
    this.#quiz.explanation = content
    this.#quiz = undefined
  }
}

function onlyParagraph(item: readonly PlainBlock[]): Inline[] | undefined {
  const [paragraph] = item
  return item.length === 1 && paragraph?.kind === 'paragraph' ? paragraph.content : undefined
}
