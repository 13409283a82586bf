/** What the blocks of a lesson need, in its order: what a block before has built or written counts, and what it could not. */
import { commandsIn, needOf, type IsAtHand, type Need } from './command-needs.ts'
import { plainReference } from './images-at-hand.ts'
import type { ImportReport } from './import-report.ts'
import { LostThings } from './lost-things.ts'
import { needsOfFile, writtenFiles, type FileNeeds } from './file-needs.ts'

const DOCKERFILE = /dockerfile/i
const COMPOSE = /\.ya?ml$/

export class LessonNeeds {
  readonly #report: ImportReport
  readonly #built = new Set<string>()
  readonly #lost = new LostThings()
  /** What the files as they are now need and what is not at hand, by path. */
  readonly #files = new Map<string, FileNeeds>()
  readonly #isAtHand: IsAtHand

  constructor(report: ImportReport, isAtHand: IsAtHand) {
    this.#report = report
    this.#isAtHand = (reference) => isAtHand(reference) || this.#built.has(plainReference(reference))
  }

  /** @param line the block's first line in the file */
  ofBlock(file: string, line: number, script: string): void {
    for (const { path, text } of writtenFiles(script)) this.ofFile(path, text)
    for (const command of commandsIn(script)) this.#ofCommand(file, line, command)
  }

  /** A file that a block writes, or that the lesson brings along: what is built of it needs its images. */
  ofFile(path: string, text: string): void {
    if (DOCKERFILE.test(path) || COMPOSE.test(path)) this.#files.set(path, needsOfFile(path, text))
  }

  #ofCommand(file: string, line: number, command: string): void {
    const need = this.#unmet(needOf(command, this.#isAtHand))
    if (need !== undefined) this.#report.add(file, line, need.what, need.reason)
    else if (this.#lost.isNeededBy(command)) this.#report.add(file, line, command, 'before')
    else return this.#lost.find(command)
    this.#lost.lose(command, need?.image)
  }

  /** A build needs what the files need of which it is made; its images are at hand afterwards, when nothing is missing. */
  #unmet(need: Need | undefined): Need | undefined {
    if (need?.makes === undefined) return need
    const { images, internet } = this.#filesFor(need.makes.of, need.what)
    const missing = [...new Set(images.filter((image) => !this.#isAtHand(image)))]
    if (missing.length > 0) return { what: `${need.what} (${missing.join(', ')})`, reason: 'image' }
    if (internet.length > 0) return { what: `${need.what} (${internet[0]})`, reason: 'internet' }
    for (const tag of need.makes.tags) this.#built.add(plainReference(tag))
    return undefined
  }

  /** A Dockerfile that the command names, or the one of that name; a compose file may build what lies beside it. */
  #filesFor(of: 'dockerfile' | 'compose', command: string): FileNeeds {
    const words = command.split(/\s+/)
    const named = words.find((_word, at) => words[at - 1] === '-f' || words[at - 1] === '--file')
    const meant = [...this.#files].filter(([path]) => {
      const name = path.slice(path.lastIndexOf('/') + 1)
      if (of === 'compose') return COMPOSE.test(name) || name === 'Dockerfile'
      return name === (named?.slice(named.lastIndexOf('/') + 1) ?? 'Dockerfile')
    })
    return {
      images: meant.flatMap(([, { images }]) => images),
      internet: meant.flatMap(([, { internet }]) => internet),
    }
  }
}
