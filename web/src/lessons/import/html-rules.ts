/** HTML in Markdown of other makers: what only dresses words is taken off, what folds is kept, the rest is named. */
import type { ImportReport } from './import-report.ts'
import { IMPORT_LIMITS } from './limits.ts'

/** Tags that only dress words: the words stay. */
const DRESS = new Set(
  'a abbr b big blockquote br center cite code dd del div dl dt em figcaption figure font h1 h2 h3 h4 h5 h6 hr i ins kbd li mark ol p pre q s samp section small span strong sub sup table tbody td th thead tr tt u ul var wbr'.split(
    ' ',
  ),
)
/** Tags that do something on a page; here they are words. */
const ACTIVE = new Set(
  'applet audio base body button canvas embed form frame frameset head html iframe input link math meta object portal script select source style svg template textarea title track video'.split(
    ' ',
  ),
)
const TAG = /<(\/?)([a-zA-Z][a-zA-Z0-9-]{0,30})((?:\s[^<>]{0,2000})?)\/?>/g
const FOLD = /<(\/?)(details|summary)(?:\s[^<>]{0,200})?>/gi

export const attributeOf = (attributes: string, name: string): string | undefined => {
  const [, double, single, bare] =
    new RegExp(
      `\\s${name}\\s{0,9}=\\s{0,9}(?:"([^"]{0,2000})"|'([^']{0,2000})'|([^\\s"'>]{1,2000}))`,
      'i',
    ).exec(attributes) ?? []
  return double ?? single ?? bare
}

/** The line of a picture in Markdown; no part of it can end the Markdown early. */
const picture = (source: string, words: string): string =>
  `![${words.replace(/[[\]]/g, '')}](${source.replace(/[()\s<>]/g, '')})`

export class HtmlRules {
  readonly #file: string
  readonly #report: ImportReport
  #inComment = false
  #open = 0
  /** A part is folded and its title has not come yet. */
  #awaitsTitle = false
  #title: string | undefined

  constructor(file: string, report: ImportReport) {
    this.#file = file
    this.#report = report
  }

  get isInComment(): boolean {
    return this.#inComment
  }

  /** The line without comments. */
  withoutComments(line: string): string {
    // Code may speak of comments; they are not looked for beside it.
    if (!this.#inComment && (line.includes('`') || !line.includes('<!--'))) return line
    let [rest, out] = [line, '']
    while (rest !== '') {
      const mark = this.#inComment ? '-->' : '<!--'
      const at = rest.indexOf(mark)
      if (!this.#inComment) out += at < 0 ? rest : rest.slice(0, at)
      if (at < 0) break
      rest = rest.slice(at + mark.length)
      this.#inComment = !this.#inComment
    }
    return out
  }

  /** Lines of a line with `<details>` or `<summary>`; undefined for any other line. */
  folded(line: string): string[] | undefined {
    const isInside = this.#awaitsTitle || this.#title !== undefined
    if (!isInside && !/<\/?(?:details|summary)\b/i.test(line)) return undefined
    const out: string[] = []
    let from = 0
    for (const match of line.matchAll(FOLD)) {
      this.#addWords(line.slice(from, match.index), out)
      from = match.index + match[0].length
      this.#tag(match[1] === '/', match[2]!.toLowerCase(), out)
    }
    this.#addWords(line.slice(from), out)
    return out
  }

  #tag(isEnd: boolean, name: string, out: string[]): void {
    if (name === 'summary') {
      if (!isEnd) this.#title = ''
      else if (this.#title !== undefined) this.#fold(out)
      return
    }
    if (this.#title !== undefined || this.#awaitsTitle) this.#fold(out)
    if (!isEnd) {
      this.#awaitsTitle = this.#open < IMPORT_LIMITS.folds
    } else if (this.#open > 0) {
      this.#open--
      out.push('', '::fold{end} .', '')
    }
  }

  #addWords(words: string, out: string[]): void {
    if (this.#title !== undefined) this.#title += ` ${words}`
    else if (words.trim() !== '') {
      if (this.#awaitsTitle) this.#fold(out)
      out.push(words.trimStart())
    } else out.push('')
  }

  #fold(out: string[]): void {
    const title = (this.#title ?? '').replace(TAG, '').replace(/\s+/g, ' ').trim()
    this.#title = undefined
    // A title without its part is words of its own.
    if (!this.#awaitsTitle) {
      out.push(title)
      return
    }
    this.#awaitsTitle = false
    this.#open++
    out.push('', `::fold{} ${title === '' ? '…' : title}`, '')
  }

  /** Lines that end what is still folded. */
  end(): string[] {
    const out: string[] = []
    if (this.#title !== undefined || this.#awaitsTitle) this.#fold(out)
    return [...out, ...Array.from({ length: this.#open }, () => ['', '::fold{end} .', '']).flat()]
  }

  /** Words with their tags taken off; a picture becomes one of Markdown. */
  words(words: string, at: number): string {
    if (!words.includes('<')) return words
    return words.replace(TAG, (tag, _slash: string, name: string, attributes: string) => {
      const lower = name.toLowerCase()
      if (lower === 'img')
        return picture(attributeOf(attributes, 'src') ?? '', attributeOf(attributes, 'alt') ?? '')
      if (lower === 'br') return ' '
      if (DRESS.has(lower)) return lower === 'b' || lower === 'strong' ? '**' : ''
      if (ACTIVE.has(lower)) this.#report.add(this.#file, at, tag, 'html')
      return tag
    })
  }
}
