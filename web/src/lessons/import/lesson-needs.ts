/** What the blocks of a lesson need, in its order: what a block before has built or written counts. */
import { withLatest } from '../format/with-latest.ts'
import { isAtHand, needsOfCommands, type Need } from './command-needs.ts'
import type { ImportReport } from './import-report.ts'

/** Characters of a file, and of one of its lines, that are looked at. */
const MAX_FILE = 64_000
const MAX_LINE = 500

const DOCKERFILE = /dockerfile/i
const COMPOSE = /\.ya?ml$/

export class LessonNeeds {
  readonly #report: ImportReport
  readonly #built = new Set<string>()
  /** Images that the files as they are now need and that are not at hand, by path. */
  readonly #missing = new Map<string, string[]>()

  constructor(report: ImportReport) {
    this.#report = report
  }

  /** @param line the block's first line in the file */
  ofBlock(file: string, line: number, script: string): void {
    for (const need of needsOfCommands(script)) this.#ofCommand(file, line, need)
  }

  /** A file that a block writes, or that the lesson brings along: what is built of it needs its images. */
  ofFile(path: string, text: string): void {
    if (DOCKERFILE.test(path) || COMPOSE.test(path)) this.#missing.set(path, imagesOf(path, text))
  }

  #ofCommand(file: string, line: number, { what, reason, image, makes }: Need): void {
    if (makes !== undefined) {
      const missing = this.#missingFor(makes.of, what)
      if (missing.length === 0) for (const tag of makes.tags) this.#built.add(withLatest(tag))
      else this.#report.add(file, line, `${what} (${missing.join(', ')})`, reason)
    } else if (image === undefined || !this.#built.has(withLatest(image)))
      this.#report.add(file, line, what, reason)
  }

  /** A Dockerfile that the command names, or the one of that name; a compose file may build what lies beside it. */
  #missingFor(of: 'dockerfile' | 'compose', command: string): string[] {
    const words = command.split(/\s+/)
    const named = words.find((_word, at) => words[at - 1] === '-f' || words[at - 1] === '--file')
    const found = [...this.#missing].flatMap(([path, images]) => {
      const name = path.slice(path.lastIndexOf('/') + 1)
      const isMeant =
        of === 'compose'
          ? COMPOSE.test(name) || name === 'Dockerfile'
          : name === (named?.slice(named.lastIndexOf('/') + 1) ?? 'Dockerfile')
      return isMeant ? images.filter((image) => !this.#built.has(withLatest(image))) : []
    })
    return [...new Set(found)]
  }
}

/** Images that a Dockerfile or a compose file is made of and that are not at hand. */
function imagesOf(path: string, text: string): string[] {
  const pattern = DOCKERFILE.test(path)
    ? /^\s{0,20}FROM\s+(?:--platform=\S+\s+)?(\S+)(?:\s+AS\s+(\S+))?/i
    : /^\s{0,20}image:\s*(\S+)/
  const stages = new Set<string>()
  return text
    .slice(0, MAX_FILE)
    .split('\n')
    .flatMap((line): string[] => {
      const [, image, stage] = pattern.exec(line.slice(0, MAX_LINE)) ?? []
      if (stage !== undefined) stages.add(stage)
      return image === undefined || stages.has(image) || isAtHand(image) ? [] : [image]
    })
}
