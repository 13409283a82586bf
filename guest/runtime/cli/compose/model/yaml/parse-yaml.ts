/**
 * Parses YAML as go-yaml v3 does for Compose: its numbers and times, merge keys, anchors, and the tags `!reset` and
 * `!override`, which name a path rather than a value.
 */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type Document,
  type ParsedNode,
  type ScalarTag,
  type YAMLMap,
  type YAMLParseError,
} from 'yaml'
import { ModelError } from '../compose-error.ts'
import { GoFloat, goNumber, goTime } from './go-scalars.ts'
import { scalarText, type Dict, type TreePath } from './tree.ts'

export interface YamlDocument {
  value: unknown
  /** Paths that the tags name: they are removed from what was loaded before this document. */
  resets: TreePath[]
}

/** Resolves a time to the text that Go prints for it, as Compose only prints times. */
const NUMBER_OR_TIME: ScalarTag = {
  tag: 'tag:yaml.org,2002:float',
  default: true,
  test: /^[-+.0-9]/,
  resolve: (text) => goTime(text) ?? goNumber(text) ?? SPECIAL_FLOATS[text] ?? text,
}

const SPECIAL_FLOATS: Record<string, GoFloat> = Object.fromEntries(
  ['.inf', '.Inf', '.INF'].flatMap((word) => [
    [word, new GoFloat(Infinity)],
    [`+${word}`, new GoFloat(Infinity)],
    [`-${word}`, new GoFloat(-Infinity)],
  ]),
)
for (const word of ['.nan', '.NaN', '.NAN']) SPECIAL_FLOATS[word] = new GoFloat(NaN)

/** go-yaml's sentences for the most frequent errors. */
const SENTENCES: Partial<Record<YAMLParseError['code'], string>> = {
  BLOCK_AS_IMPLICIT_KEY: 'mapping values are not allowed in this context',
  BAD_INDENT: 'did not find expected key',
  MISSING_CHAR: "could not find expected ':'",
  UNEXPECTED_TOKEN: 'did not find expected node content',
}

/** A line that ends in a plain scalar, which the next line may continue. */
const ENDS_PLAIN = /(?:^|[-:?]\s+)[^\s"'|>&*!%@`#[\]{},:-][^#]*$/

/**
 * go-yaml looks for a token where a line begins with a tab, and names that line, or the line where a plain scalar
 * before it began. It names no line when that is the first one.
 */
function tabError(lines: readonly string[], at: number): ModelError {
  const before = lines.slice(0, at).findLastIndex((line) => !/^\s*(#|$)/.test(line))
  if (before >= 0 && ENDS_PLAIN.test(lines[before]!) && !lines[before]!.trimEnd().endsWith(':'))
    return new ModelError(`yaml: line ${before + 1}: found a tab character that violates indentation`)
  const where = at === 0 ? '' : `line ${at + 1}: `
  return new ModelError(`yaml: ${where}found character that cannot start any token`)
}

class Reader {
  readonly resets: TreePath[] = []
  readonly #document: Document.Parsed
  readonly #lines: LineCounter
  readonly #open = new Set<unknown>()

  constructor(document: Document.Parsed, lines: LineCounter) {
    this.#document = document
    this.#lines = lines
  }

  /** Undefined for a node that a `!reset` removes. */
  read(node: ParsedNode | null, path: TreePath): unknown {
    if (node === null) return null
    if (isAlias(node))
      return this.#follow(node.resolve(this.#document) as ParsedNode | undefined, node.source, path)
    if (node.tag === '!reset') {
      this.resets.push(path)
      return undefined
    }
    if (node.tag === '!override') this.resets.push(path)
    if (isScalar(node)) return node.value
    if (isSeq(node)) {
      const items = node.items as ParsedNode[]
      return items
        .map((item, at) => this.read(item, [...path, String(at)]))
        .filter((item) => item !== undefined)
    }
    return isMap(node) ? this.#readMap(node as YAMLMap<ParsedNode, ParsedNode | null>, path) : null
  }

  #follow(target: ParsedNode | undefined, name: string, path: TreePath): unknown {
    if (target === undefined) throw new ModelError(`yaml: unknown anchor '${name}' referenced`)
    if (this.#open.has(target)) throw new ModelError(`yaml: anchor '${name}' value contains itself`)
    this.#open.add(target)
    try {
      return this.read(target, path)
    } finally {
      this.#open.delete(target)
    }
  }

  #readMap(map: YAMLMap<ParsedNode, ParsedNode | null>, path: TreePath): Dict {
    const own: Dict = {}
    const merged: Dict = {}
    const lines = new Map<string, number>()
    for (const { key, value } of map.items) {
      const name = this.#keyText(key, path)
      if (name === '<<' && isScalar(key) && key.type === 'PLAIN') {
        this.#merge(merged, value, path)
        continue
      }
      const line = this.#lines.linePos(key.range[0]).line
      const first = lines.get(name)
      if (first !== undefined) {
        throw new ModelError(
          `yaml: unmarshal errors:\n  line ${line}: mapping key ${JSON.stringify(name)} already defined at line ${first}`,
        )
      }
      lines.set(name, line)
      const read = this.read(value, [...path, name])
      if (read !== undefined) own[name] = read
    }
    return { ...merged, ...own }
  }

  #keyText(key: ParsedNode, path: TreePath): string {
    const value = isAlias(key) ? this.read(key, path) : isScalar(key) ? key.value : undefined
    if (typeof value === 'string') return value
    const where = path.length === 0 ? 'at top level' : `in ${path.join('.')}`
    throw new ModelError(`Non-string key ${where}: ${scalarText(value)}`)
  }

  /** Of several merged maps the first wins; the map's own keys win over all. */
  #merge(into: Dict, node: ParsedNode | null, path: TreePath): void {
    const value = this.read(node, path)
    for (const source of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (typeof source !== 'object' || source === null || Array.isArray(source)) {
        throw new ModelError('yaml: map merge requires map or sequence of maps as the value')
      }
      for (const [key, item] of Object.entries(source)) if (!(key in into)) into[key] = item
    }
  }
}

/** @throws ModelError with go-yaml's sentence where it has one */
export function parseYaml(text: string): YamlDocument[] {
  const lineCounter = new LineCounter()
  const documents = parseAllDocuments(text, {
    lineCounter,
    uniqueKeys: false,
    merge: false,
    customTags: (tags) => [NUMBER_OR_TIME, ...tags],
    logLevel: 'silent',
    prettyErrors: false,
  })
  if ('empty' in documents) return []
  return documents.map((document) => {
    const error = document.errors[0]
    if (error !== undefined) {
      const { line } = lineCounter.linePos(error.pos[0])
      if (error.code === 'TAB_AS_INDENT') throw tabError(text.split('\n'), line - 1)
      throw new ModelError(`yaml: line ${line}: ${SENTENCES[error.code] ?? error.message.split('\n')[0]!}`)
    }
    const reader = new Reader(document, lineCounter)
    return { value: reader.read(document.contents, []), resets: reader.resets }
  })
}
