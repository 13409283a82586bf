/**
 * Markdown of other makers, line by line: which lines are code, which words are prose. Rules rewrite both to what our
 * own reader of Markdown understands; each line that comes out knows the line that it came from.
 */

export interface Fence {
  /** The words behind the fence at the beginning, and behind the one at the end. */
  opening: string
  closing: string
  /** The code, without the indentation of the fence. */
  text: string
  /** The line of the opening fence, from 1. */
  line: number
}

export interface LineRules {
  /** The words that stand behind the opening fence instead. */
  fence(fence: Fence): string
  /** Lines that stand for a line of prose, before their words are rewritten. */
  line(line: string, at: number): string[]
  /** Whether what comes now is left out, so that no code begins in it. */
  readonly isOutside: boolean
  /** Words of prose on one line, outside of code. */
  words(words: string, at: number): string
  /** Lines at the end, for what is still open. */
  end(): string[]
}

export interface RewrittenMarkdown {
  text: string
  /** The line of the source for a line of the text, both from 1. */
  lineOf(line: number): number
}

/** Quotes, list marks and blanks; then the fence and its words. */
const FENCE = /^((?:[ \t>]|(?:[-*+]|\d{1,9}[.)])[ \t]){0,60})(`{3,}|~{3,})(.*)$/
const CLOSING = /^[ \t>]{0,60}(`{3,}|~{3,})[ \t]*(\{\{[^{}]{0,80}\}\})?[ \t]*$/

export function rewriteMarkdown(source: string, rules: LineRules): RewrittenMarkdown {
  const lines = source.split('\n')
  const out: string[] = []
  const origins: number[] = []
  const add = (line: string, at: number): void => {
    out.push(line)
    origins.push(at + 1)
  }
  for (let at = 0; at < lines.length; at++) {
    const fence = rules.isOutside ? null : FENCE.exec(lines[at]!)
    if (fence === null || fence[3]!.includes('`')) {
      for (const line of rules.line(lines[at]!, at + 1)) add(rewriteWords(line, at + 1, rules), at)
      continue
    }
    const [, indent, marks, opening] = fence as unknown as [string, string, string, string]
    const end = closingOf(lines, at, marks)
    const code = lines.slice(at + 1, end.at)
    const text = code.map((line) => line.slice(blanksBefore(line, indent.length))).join('\n')
    add(
      `${indent}${marks}${rules.fence({ opening: opening.trim(), closing: end.words, text, line: at + 1 })}`,
      at,
    )
    code.forEach((line, offset) => add(line, at + 1 + offset))
    if (end.at < lines.length) add(lines[end.at]!.replace(/\{\{[^{}]{0,80}\}\}/, ''), end.at)
    at = end.at
  }
  for (const line of rules.end()) add(line, lines.length - 1)
  return { text: out.join('\n'), lineOf: (line) => origins[line - 1] ?? lines.length }
}

/** Where the fence ends; the number of lines when it never does. */
function closingOf(lines: readonly string[], from: number, marks: string): { at: number; words: string } {
  for (let at = from + 1; at < lines.length; at++) {
    const [, found, words] = CLOSING.exec(lines[at]!) ?? []
    if (found !== undefined && found[0] === marks[0] && found.length >= marks.length)
      return { at, words: words ?? '' }
  }
  return { at: lines.length, words: '' }
}

function blanksBefore(line: string, most: number): number {
  let blanks = 0
  while (blanks < most && (line[blanks] === ' ' || line[blanks] === '\t')) blanks++
  return blanks
}

/** The line with its words rewritten, and what stands in backticks as it was. */
function rewriteWords(line: string, at: number, rules: LineRules): string {
  if (!line.includes('`')) return line === '' ? line : rules.words(line, at)
  const runs = [...line.matchAll(/`+/g)].map((match) => ({ at: match.index, length: match[0].length }))
  const closings = closingRuns(runs)
  let [out, from] = ['', 0]
  for (let run = 0; run < runs.length; run++) {
    const closing = closings[run]
    if (closing === undefined) continue
    const [begin, end] = [runs[run]!.at, runs[closing]!.at + runs[closing]!.length]
    if (begin > from) out += rules.words(line.slice(from, begin), at)
    out += line.slice(begin, end)
    from = end
    run = closing
  }
  return from < line.length ? out + rules.words(line.slice(from), at) : out
}

/** For each run of backticks the next one of its length, if there is one. */
function closingRuns(runs: readonly { length: number }[]): (number | undefined)[] {
  const next = new Map<number, number>()
  const closings: (number | undefined)[] = []
  for (let run = runs.length - 1; run >= 0; run--) {
    const { length } = runs[run]!
    closings[run] = next.get(length)
    next.set(length, run)
  }
  return closings
}
