/** The images of the stages that are done, by name and number. */
import type { ImageRecord } from '../../../protocol/api/content.ts'
import { EngineError } from '../../../protocol/errors.ts'

export class StageResults {
  readonly #byNumber: (ImageRecord | undefined)[] = []
  readonly #byName = new Map<string, ImageRecord | undefined>()

  checkName(name: string): void {
    if (this.#byName.has(name)) throw new EngineError('invalid', `${name} stage name already used`)
  }

  /**
   * Adds a stage that is done.
   * @param image undefined for a stage that is `scratch` and nothing else
   */
  add(name: string, image: ImageRecord | undefined): void {
    if (name !== '') this.#byName.set(name, image)
    this.#byNumber.push(image)
  }

  byName(name: string): { image: ImageRecord | undefined } | undefined {
    const lower = name.toLowerCase()
    return this.#byName.has(lower) ? { image: this.#byName.get(lower) } : undefined
  }

  /** Finds the stage that `--from` names; undefined when the text is neither a stage's name nor its number. */
  find(nameOrNumber: string): { image: ImageRecord | undefined } | undefined {
    const named = this.byName(nameOrNumber)
    if (named || !/^[+-]?\d+$/.test(nameOrNumber)) return named
    const number = Number(nameOrNumber)
    if (number === this.#byNumber.length)
      throw new EngineError('invalid', 'refers to current build stage', { from: nameOrNumber })
    if (number < 0 || number > this.#byNumber.length)
      throw new EngineError('invalid', 'index out of bounds', { from: nameOrNumber })
    return { image: this.#byNumber[number] }
  }
}
