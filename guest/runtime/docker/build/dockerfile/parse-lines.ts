/**
 * Reads a Dockerfile as logical lines: continuations joined, comments and parser directives taken, here-documents
 * attached.
 *
 * It was written for this engine after BuildKit's frontend/dockerfile/parser, because Docker's sentences, positions
 * and quirks are what clients see. `dockerfile-ast` parses for editors: it never refuses a file and comes with a
 * language server's types (86 KB); `docker-file-parser` and `dockerfilejs` know no here-documents and give errors of
 * their own.
 */
import { EngineError } from '../../../../protocol/errors.ts'
import { heredocsOf, type Heredoc } from './heredoc.ts'
import { lineArguments, type LineArguments } from './line-arguments.ts'
import { ParserDirectives } from './parser-directives.ts'
import { splitLine } from './split-line.ts'

export interface DockerfileLine {
  /** The instruction as written. */
  name: string
  flags: string[]
  arguments: LineArguments
  /** Continuations joined, without the here-documents. */
  original: string
  heredocs: Heredoc[]
  /** The line of the file where the instruction begins; 1 is the first. */
  line: number
}

export interface ParsedLines {
  lines: DockerfileLine[]
  escape: string
  /** Docker's sentences, for stderr. */
  warnings: string[]
}

/** Go's bufio.MaxScanTokenSize. */
const MAXIMUM_LINE = 64 * 1024
const WITH_HEREDOC: ReadonlySet<string> = new Set(['add', 'copy', 'run'])

const isComment = (line: string) => /^\s*#/.test(line)
const withoutNewline = (line: string) => line.replace(/[\r\n]+$/, '')

class Reader {
  readonly #raw: string[]
  readonly #directives = new ParserDirectives()
  readonly #warnings: string[] = []
  #at = 0

  constructor(text: string) {
    this.#raw = text.replace(/^\ufeff/, '').match(/[^\n]*\n|[^\n]+$/g) ?? []
  }

  read(): ParsedLines {
    const lines: DockerfileLine[] = []
    while (this.#at < this.#raw.length) {
      const start = this.#at + 1
      const text = this.#logicalLine()
      if (text !== undefined) lines.push(this.#withHeredocs(parseLine(text, this.#directives.escape, start)))
    }
    if (lines.length === 0) throw new EngineError('invalid', 'file with no instructions')
    return { lines, escape: this.#directives.escape, warnings: this.#warnings }
  }

  #next(): string {
    const raw = this.#raw[this.#at++]!
    if (raw.length >= MAXIMUM_LINE)
      throw new EngineError('invalid', `dockerfile line greater than max allowed size of ${MAXIMUM_LINE - 1}`)
    return withoutNewline(raw)
  }

  /** The line without its continuation character; `over` when there was none, so that the instruction ends here. */
  #physicalLine(text: string): { text: string; over: boolean } {
    const { continuation } = this.#directives
    return continuation.test(text)
      ? { text: text.replace(continuation, '$1'), over: false }
      : { text, over: true }
  }

  /** undefined for a comment or an empty line. */
  #logicalLine(): string | undefined {
    const first = this.#next().trimStart()
    this.#directives.line(first)
    let { text, over } = this.#physicalLine(isComment(first) ? '' : first)
    if (over && text === '') return undefined
    let emptyContinuation = false
    while (!over && this.#at < this.#raw.length) {
      const line = this.#next()
      this.#directives.line(line)
      if (isComment(line)) continue
      if (line.trimStart() === '') {
        emptyContinuation = true
        continue
      }
      const more = this.#physicalLine(line)
      text += more.text
      over = more.over
    }
    if (emptyContinuation) this.#warnings.push(`Empty continuation line found in: ${text}`)
    return text
  }

  #withHeredocs(line: DockerfileLine): DockerfileLine {
    if (!mayHaveHeredocs(line) || !line.original.includes('<<')) return line
    const heredocs = heredocsOf(line.original).map((heredoc) => ({
      ...heredoc,
      content: this.#heredocContent(heredoc),
    }))
    return { ...line, heredocs }
  }

  #heredocContent({ name, chomp }: Heredoc): string {
    let content = ''
    while (this.#at < this.#raw.length) {
      const raw = this.#raw[this.#at++]!
      const line = withoutNewline(raw)
      if ((chomp ? line.replace(/^\t+/, '') : line) === name) return content
      content += raw
    }
    throw new EngineError('invalid', 'unterminated heredoc', { name })
  }
}

function mayHaveHeredocs(line: DockerfileLine): boolean {
  const { trigger } = line.arguments
  if (trigger !== undefined) return mayHaveHeredocs(parseLine(trigger, '\\', line.line))
  return WITH_HEREDOC.has(line.name.toLowerCase()) && !line.arguments.json
}

/** Parses one logical line. Throws `invalid` for what BuildKit's parser refuses before it looks at any instruction. */
export function parseLine(text: string, escape: string, line: number): DockerfileLine {
  const { name, flags, rest } = splitLine(text, escape)
  const parsed = lineArguments(name.toLowerCase(), rest, escape)
  if (parsed.trigger !== undefined) parseLine(parsed.trigger, escape, line)
  return { name, flags, arguments: parsed, original: text, heredocs: [], line }
}

/**
 * Parses all lines. Throws `invalid`: `failed to parse Dockerfile: …`.
 * @param name of the file, for the message
 */
export function parseLines(text: string, name = 'Dockerfile'): ParsedLines {
  if (text === '') throw new EngineError('invalid', `the Dockerfile (${name}) cannot be empty`)
  try {
    return new Reader(text).read()
  } catch (thrown) {
    const error = EngineError.from(thrown)
    throw new EngineError(error.code, `failed to parse ${name}: ${error.message}`, { name }, error)
  }
}
