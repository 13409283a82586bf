/**
 * Untrusted YAML → plain values. One document, JSON's types, no anchors (a few of them make gigabytes), no deep nesting
 * (the composer is recursive), a limited size.
 */
import { isAlias, isNode, LineCounter, Parser, parseAllDocuments, visit, type CST, type Document } from 'yaml'

export const MAX_YAML_CHARACTERS = 64_000
const MAX_DEPTH = 24

export interface YamlDocument {
  value: unknown
  /** The line of a place, from 1: the nearest one around it that the file has. */
  lineOf(path: readonly (string | number)[]): number
}

export interface YamlRefusal {
  line: number
  message: string
}

/** Never throws. */
export function readYaml(text: string): YamlDocument | YamlRefusal {
  if (text.length > MAX_YAML_CHARACTERS)
    return { line: 1, message: `more than ${MAX_YAML_CHARACTERS} characters` }
  const deep = deepPlace(text)
  if (deep !== undefined) {
    return { line: text.slice(0, deep).split('\n').length, message: `nested deeper than ${MAX_DEPTH}` }
  }
  const lines = new LineCounter()
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    schema: 'core',
    merge: false,
    uniqueKeys: true,
    logLevel: 'silent',
    prettyErrors: false,
  })
  if ('empty' in documents) return { value: null, lineOf: () => 1 }
  const [document, second] = documents
  if (document === undefined || second !== undefined)
    return { line: 1, message: 'more than one YAML document' }
  return (
    refusal(document, lines) ?? {
      value: document.toJS() as unknown,
      lineOf: (path) => lineOf(document, lines, path),
    }
  )
}

/** Where the text is nested too deeply; the parser below the composer keeps a stack of its own, and so does this. */
function deepPlace(text: string): number | undefined {
  const open = [...new Parser().parse(text)].map((token) => ({ token, depth: 0 }))
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, depth } = next
    if (depth > MAX_DEPTH) return token.offset
    for (const inner of innerTokens(token)) open.push({ token: inner, depth: depth + 1 })
  }
  return undefined
}

function innerTokens(token: CST.Token): CST.Token[] {
  if (token.type === 'document') return token.value === undefined ? [] : [token.value]
  if (!('items' in token)) return []
  const items: readonly CST.CollectionItem[] = token.items
  return items.flatMap(({ key, value }) =>
    [key, value].filter((inner) => inner !== null && inner !== undefined),
  )
}

function refusal(document: Document.Parsed, lines: LineCounter): YamlRefusal | undefined {
  const fault = document.errors[0] ?? document.warnings[0]
  if (fault !== undefined)
    return { line: lines.linePos(fault.pos[0]).line, message: fault.message.split('\n')[0]! }
  let found: YamlRefusal | undefined
  visit(document, {
    Node: (_key, node) => {
      if (!isAlias(node) && node.anchor === undefined) return undefined
      const { line } = lines.linePos(node.range?.[0] ?? 0)
      found = { line, message: 'anchors and aliases are no part of a lesson' }
      return visit.BREAK
    },
  })
  return found
}

function lineOf(document: Document.Parsed, lines: LineCounter, path: readonly (string | number)[]): number {
  for (let length = path.length; length > 0; length--) {
    const node: unknown = document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
  }
  return 1
}
