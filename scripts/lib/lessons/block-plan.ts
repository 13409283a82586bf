/** What the blocks of an imported lesson ask for, in order: lines for a shell, files, and scripts that verify. */
import type { Lesson, StepBlock, Task } from '../../../web/src/lessons/format/lesson.ts'
import { reasonAgainst, type Reason } from '../../../web/src/lessons/format/unsupported.ts'
import type { CodeBlock } from '../../../web/src/lessons/markdown/code-block.ts'
import { shownCommands } from '../../../web/src/lessons/markdown/shown-commands.ts'
import { plainText, type PlainBlock } from '../../../web/src/lessons/markdown/tree.ts'

interface Command {
  command: string
  /** What the text says that it prints. */
  output: string | undefined
}

interface Part {
  /** `step-1:12`: the step, and the line of its file. */
  place: string
  /** The first line, for a table. */
  title: string
  /** Why it is not tried. */
  listed: Reason | 'alternative' | undefined
}

export type BlockPart = Part &
  (
    | { kind: 'run'; code: CodeBlock; commands: Command[] }
    | { kind: 'write'; path: string; text: string }
    | { kind: 'verify'; task: Task }
  )

export function planBlocks(lesson: Lesson): BlockPart[] {
  return lesson.prose.en.steps.flatMap(({ id, blocks }) => new StepPlan(lesson, id).parts(blocks))
}

class StepPlan {
  readonly #lesson: Lesson
  readonly #step: string
  #isListed = false

  constructor(lesson: Lesson, step: string) {
    this.#lesson = lesson
    this.#step = step
  }

  parts(blocks: readonly StepBlock[]): BlockPart[] {
    return blocks.flatMap((block, at) => this.#part(block, blocks[at - 1], blocks[at + 1]))
  }

  #part(block: StepBlock, before: StepBlock | undefined, after: StepBlock | undefined): BlockPart[] {
    switch (block.kind) {
      case 'code':
        return this.#code(block.code, isOr(before), after)
      case 'quote':
      case 'folded':
        return this.parts(block.content)
      case 'list':
        return block.items.flatMap((item) => this.parts(item))
      case 'task':
        return this.#verify(block.id)
      default:
        return []
    }
  }

  #code(code: CodeBlock, isAlternative: boolean, after: StepBlock | undefined): BlockPart[] {
    const part = { place: `${this.#step}:${code.line ?? ''}`, title: titleOf(code.text) }
    if (code.file !== undefined)
      return [{ ...part, listed: undefined, kind: 'write', path: code.file, text: code.text }]
    if (!code.run) return []
    const reason = reasonAgainst(this.#lesson.unsupported, code)
    this.#isListed ||= reason !== undefined
    const commands = shownCommands(code.text)
    const told = outputBelow(after)
    if (told !== undefined && commands.length > 0) commands.at(-1)!.output = told
    return [
      { ...part, listed: reason ?? (isAlternative ? 'alternative' : undefined), kind: 'run', code, commands },
    ]
  }

  /** What a step verifies is made by all of its blocks. */
  #verify(id: string): BlockPart[] {
    const task = this.#lesson.tasks.find((each) => each.id === id)
    if (task === undefined) return []
    const listed = this.#isListed ? ('before' as const) : undefined
    return [{ place: `${this.#step}:`, title: 'verify', listed, kind: 'verify', task }]
  }
}

/** Words between two blocks that do the same. */
const isOr = (block: StepBlock | undefined): boolean =>
  block?.kind === 'paragraph' && /^or:?$/i.test(plainText(block.content).trim())

/** ```` ```output ```` right below a block is what its last command prints. */
const outputBelow = (block: StepBlock | PlainBlock | undefined): string | undefined =>
  block?.kind === 'code' && block.code.language === 'output' ? block.code.text : undefined

const titleOf = (text: string): string => {
  const [first = '', ...more] = text.split('\n')
  return more.length === 0 ? first : `${first} …`
}
