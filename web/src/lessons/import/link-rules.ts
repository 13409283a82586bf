/** Links and pictures in Markdown of other makers → those that a lesson may have. */
import { parseLinkTarget } from '../markdown/link-target.ts'
import type { ImportReport } from './import-report.ts'

const PICTURE = /!\[([^[\]\n]{0,300})\]\(\s{0,9}<?([^)\s>]{0,2000})>?[^)\n]{0,300}\)/g
const LINK = /\[([^[\]\n]{0,300})\]\(\s{0,9}<?([^)\s>]{0,2000})>?(?:\s{1,9}["'][^)\n]{0,300})?\)/g
/** An address that stands alone is a link for other makers. */
const BARE = /(^|[\s(])(https?:\/\/[^\s<>()[\]"'`|*]{1,500})/g

export class LinkRules {
  readonly #file: string
  readonly #report: ImportReport
  readonly #picture: (source: string) => string | undefined

  /** @param picture the name under which a lesson shows the picture; undefined for one that is not there */
  constructor(file: string, report: ImportReport, picture: (source: string) => string | undefined) {
    this.#file = file
    this.#report = report
    this.#picture = picture
  }

  words(words: string, at: number): string {
    if (!words.includes('[') && !words.includes('://')) return words
    return words
      .replace(PICTURE, (_all, alternative: string, source: string) => this.#shown(alternative, source, at))
      .replace(LINK, (all, text: string, target: string, offset: number, whole: string) =>
        whole[offset - 1] === '!' || this.#leads(target, at) ? all : text,
      )
      .replace(BARE, (_all, before: string, address: string) => {
        const end = address.search(/[.,;:!?]{1,9}$/)
        const url = end < 0 ? address : address.slice(0, end)
        return `${before}<${url}>${address.slice(url.length)}`
      })
  }

  #shown(alternative: string, source: string, at: number): string {
    const name = this.#picture(source)
    const words = alternative.trim() === '' ? (source.split('/').at(-1) ?? '').slice(0, 80) : alternative
    if (name !== undefined) return `![${words || 'picture'}](${name})`
    this.#report.add(this.#file, at, source, 'picture')
    return words
  }

  #leads(target: string, at: number): boolean {
    if (parseLinkTarget(target) !== undefined) return true
    this.#report.add(this.#file, at, target, 'link')
    return false
  }
}
