import { createContext } from 'svelte'
import type { Reason } from '../../lessons/format/unsupported.ts'
import type { LinkTarget } from '../../lessons/markdown/link-target.ts'
import type { CodeBlock } from '../../lessons/markdown/code-block.ts'

/** What the parts of a lesson's text can do; LessonView gives it to them. */
export interface LessonActions {
  /** The lesson's images are at hand and its machine is prepared. */
  readonly ready: boolean
  /** Why a block of an imported lesson cannot work here as it stands; undefined when nothing says so. */
  reasonAgainst(code: CodeBlock): Reason | undefined
  run(code: CodeBlock): void
  /** Puts the block on the command line without Enter. */
  type(code: CodeBlock): void
  write(code: CodeBlock): Promise<void>
  /** Goes where a link of the lesson leads, other than the web. */
  follow(target: LinkTarget): void
  /** The address of a picture of the lesson's folder. */
  picture(path: string): string
}

export const [getLesson, setLesson] = createContext<LessonActions>()
