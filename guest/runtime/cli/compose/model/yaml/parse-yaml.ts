/**
 * YAML as go-yaml v3 reads it for Compose: YAML 1.2 scalars with `0644` octal, merge keys, anchors, and the tags `!reset`
 * and `!override`, which are about a path rather than a value.
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
import type { Dict, TreePath } from './tree.ts'

export interface YamlDocument {
  value: unknown
  /** What the tags name: removed from what was loaded before this document. */
  resets: TreePath[]
}

/** Numbers that YAML 1.2 has no more but go-yaml reads: `0644` octal, `1_000`. */
const OLD_INT: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: /^[-+]?(0[0-7_]+|[0-9][0-9_]*_[0-9_]*)$/,
  resolve: (text) => {
    const digits = text.replaceAll('_', '')
    return /^[-+]?0/.test(digits) ? parseInt(digits, 8) : Number(digits)
  },
}

/** A date is a time to go-yaml, which Compose prints as Go does. */
const DATE: ScalarTag = {
  tag: 'tag:yaml.org,2002:timestamp',
  default: true,
  test: /^\d{4}-\d{2}-\d{2}$/,
  resolve: (text) => `${text} 00:00:00 +0000 UTC`,
}

/** The sentences of go-yaml for what goes wrong most. */
const SENTENCES: Partial<Record<YAMLParseError['code'], string>> = {
  BLOCK_AS_IMPLICIT_KEY: 'mapping values are not allowed in this context',
  TAB_AS_INDENT: 'found a tab character that violates indentation',
  BAD_INDENT: 'did not find expected key',
  MISSING_CHAR: "could not find expected ':'",
  UNEXPECTED_TOKEN: 'did not find expected node content',
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

  /** `undefined` for what a `!reset` takes away. */
  read(node: ParsedNode | null, path: TreePath): unknown {
    if (node === null) return null
    if (isAlias(node))
      return this.#follow(node.resolve(this.#document) as ParsedNode | undefined, node.source, path)
    if (node.tag === '!reset') {
      this.resets.push(path)
      return undefined
    }
    if (node.tag === '!override') this.resets.push(path)
    if (isScalar(node)) return typeof node.value === 'bigint' ? Number(node.value) : node.value
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
    throw new ModelError(`Non-string key ${where}: ${JSON.stringify(value)}`)
  }

  /** The first of several maps wins, and what the map itself says wins over all. */
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
    customTags: (tags) => [OLD_INT, DATE, ...tags],
    logLevel: 'silent',
    prettyErrors: false,
  })
  if ('empty' in documents) return []
  return documents.map((document) => {
    const error = document.errors[0]
    if (error !== undefined) {
      const { line } = lineCounter.linePos(error.pos[0])
      throw new ModelError(`yaml: line ${line}: ${SENTENCES[error.code] ?? error.message.split('\n')[0]!}`)
    }
    const reader = new Reader(document, lineCounter)
    return { value: reader.read(document.contents, []), resets: reader.resets }
  })
}
