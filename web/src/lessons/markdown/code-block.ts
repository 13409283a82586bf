/**
 * The words after a fence: ```` ```sh run term=host ````. A block without words is for reading. With `run` a click runs
 * it in a terminal; with `copy` a click puts it on the clipboard; with `file=/path` a click writes it to that file of the
 * guest.
 */
import { parseAttributes } from './attributes.ts'

export interface CodeBlock {
  /** `sh`, `console`, `dockerfile`, …; empty when none is named. */
  language: string
  text: string
  /** A click types the block into a terminal and runs it. */
  run: boolean
  /** Whatever runs in that terminal is interrupted (Ctrl+C) before. */
  interrupt: boolean
  copy: boolean
  /** The block can be run one time only. */
  once: boolean
  /** The name of the terminal; undefined for the lesson's first. */
  terminal: string | undefined
  /** The absolute path that a click writes the block to. */
  file: string | undefined
  /** The line of its file in which it begins, from 1; undefined for one that is written in none. */
  line: number | undefined
}

const FLAGS = ['run', 'interrupt', 'copy', 'once']
const MAX_CODE_CHARACTERS = 16_000
const FILE_PATH = /^\/(?:[\w.-]+\/)*[\w.-]+$/

/** A code block, or the sentence that says what is wrong with it. */
export function parseCodeBlock(info: string, content: string, line: number): CodeBlock | string {
  const [, language = '', rest = ''] = /^(\S*)(.*)$/s.exec(info.trim()) ?? []
  if (!/^[\w+.#-]{0,32}$/.test(language)) return `“${language}” is no name of a language`
  const attributes = parseAttributes(rest)
  if (attributes === undefined) return `the words after the fence cannot be read: “${rest.trim()}”`
  const wrong = wrongAttribute(attributes)
  if (wrong !== undefined) return wrong
  if (content.length > MAX_CODE_CHARACTERS)
    return `a code block has at most ${MAX_CODE_CHARACTERS} characters`
  const text = withoutLastBreaks(content)
  const [run, interrupt, copy, once] = FLAGS.map((flag) => attributes.has(flag))
  const [terminal, file] = [attributes.get('term'), attributes.get('file')]
  return {
    ...{ language, text, run: run!, interrupt: interrupt!, copy: copy!, once: once! },
    ...{ terminal, file, line },
  }
}

/** By hand: `/\n+$/` tries each of many line breaks anew when no end follows them. */
function withoutLastBreaks(content: string): string {
  let end = content.length
  while (end > 0 && content[end - 1] === '\n') end--
  return content.slice(0, end)
}

function wrongAttribute(attributes: ReadonlyMap<string, string>): string | undefined {
  for (const [key, value] of attributes) {
    if (FLAGS.includes(key)) {
      if (value !== '') return `“${key}” of a code block takes no value`
    } else if (key === 'term') {
      if (!/^[a-z][a-z0-9-]*$/.test(value)) return `“${value}” is no name of a terminal`
    } else if (key === 'file') {
      if (!FILE_PATH.test(value) || value.split('/').includes('..')) return `“${value}” is no absolute path`
    } else
      return `a code block has no “${key}”: run, interrupt, copy, once, term=NAME and file=PATH are known`
  }
  for (const key of ['interrupt', 'once', 'term']) {
    if (attributes.has(key) && !attributes.has('run')) return `“${key}” of a code block goes with “run”`
  }
  if (attributes.has('run') && attributes.has('file')) return 'a code block is run or written, not both'
  return undefined
}
