/** Parses the source of a Go text/template into a tree. */
import {
  TemplateError,
  type Command,
  type Node,
  type Operand,
  type Pipe,
  type Position,
  type Template,
} from './ast.ts'
import { lex, lineOf, type Token } from './lex.ts'

/** The keyword that ended a list of nodes. */
interface Ending {
  word: 'end' | 'else' | 'eof'
}

class Parser {
  readonly source: string
  readonly defined = new Map<string, Node[]>()
  readonly #tokens: Token[]
  readonly #functions: ReadonlySet<string>
  #index = 0
  #variables: string[] = ['$']
  #rangeDepth = 0

  constructor(source: string, functions: ReadonlySet<string>) {
    this.source = source
    this.#functions = functions
    this.#tokens = lex(source)
  }

  fail(message: string, offset = this.#tokens[this.#index]?.offset ?? this.source.length): never {
    throw new TemplateError(`template: :${lineOf(this.source, offset)}: ${message}`)
  }

  position(offset: number, end: number): Position {
    const lineStart = this.source.lastIndexOf('\n', offset - 1) + 1
    const text = this.source.slice(offset, end).trim()
    return { line: lineOf(this.source, offset), column: offset - lineStart, source: text }
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#index]
  }

  #skipSpace(): void {
    while (this.#peek()?.kind === 'space') this.#index += 1
  }

  #isSymbol(text: string): boolean {
    const token = this.#peek()
    return token?.kind === 'symbol' && token.text === text
  }

  /** Parses up to `{{end}}`, `{{else…}}` or the end; consumes the keyword, but not what follows it. */
  nodes(): { nodes: Node[]; ending: Ending } {
    const nodes: Node[] = []
    for (;;) {
      const token = this.#tokens[this.#index]
      if (token === undefined) return { nodes, ending: { word: 'eof' } }
      this.#index += 1
      if (token.kind === 'text') {
        nodes.push({ kind: 'text', text: token.text })
        continue
      }
      this.#skipSpace()
      const word = this.#peek()
      if (word?.kind === 'word' && (word.text === 'end' || word.text === 'else')) {
        this.#index += 1
        return { nodes, ending: { word: word.text } }
      }
      const node = this.#action(word)
      if (node !== undefined) nodes.push(node)
    }
  }

  #action(word: Token | undefined): Node | undefined {
    const name = word?.kind === 'word' ? word.text : ''
    if (name === 'if' || name === 'with' || name === 'range') return this.#control(name)
    if (name === 'break' || name === 'continue') {
      this.#index += 1
      if (this.#rangeDepth === 0) this.fail(`{{${name}}} outside {{range}}`)
      this.#close(name)
      return { kind: name }
    }
    if (name === 'define' || name === 'block' || name === 'template') return this.#named(name)
    const pipe = this.#pipe('command')
    this.#close('command')
    return { kind: 'action', pipe }
  }

  #control(kind: 'if' | 'with' | 'range'): Node {
    this.#index += 1
    const depth = this.#variables.length
    const pipe = this.#pipe(kind)
    this.#close(kind)
    if (kind === 'range') this.#rangeDepth += 1
    const { nodes: body, ending } = this.nodes()
    if (kind === 'range') this.#rangeDepth -= 1
    const otherwise = ending.word === 'else' ? this.#elseBranch(kind) : []
    if (ending.word === 'end') this.#close('end')
    if (ending.word === 'eof') this.fail('unexpected EOF')
    this.#variables.length = depth
    return { kind, pipe, body, otherwise }
  }

  #elseBranch(kind: 'if' | 'with' | 'range'): Node[] {
    this.#skipSpace()
    const token = this.#peek()
    if (token?.kind === 'word' && token.text === kind && kind !== 'range') return [this.#control(kind)]
    this.#close('else')
    const { nodes, ending } = this.nodes()
    if (ending.word === 'else') this.fail('expected end; found {{else}}')
    if (ending.word === 'eof') this.fail('unexpected EOF')
    this.#close('end')
    return nodes
  }

  #named(kind: 'define' | 'block' | 'template'): Node | undefined {
    const at = this.position(this.#peek()!.offset, this.#peek()!.offset + kind.length)
    this.#index += 1
    this.#skipSpace()
    const name = this.#peek()
    if (name?.kind !== 'string') this.fail(`unexpected token in ${kind} clause`)
    this.#index += 1
    this.#skipSpace()
    const pipe = this.#peek()?.kind === 'close' ? undefined : this.#pipe(kind)
    this.#close(kind)
    if (kind !== 'template') {
      const { nodes, ending } = this.nodes()
      if (ending.word !== 'end') this.fail('unexpected EOF')
      this.#close('end')
      this.defined.set(name.value, nodes)
    }
    return kind === 'define' ? undefined : { kind: 'template', name: name.value, pipe, at }
  }

  #close(where: string): void {
    this.#skipSpace()
    const token = this.#peek()
    if (token?.kind !== 'close') this.fail(`unexpected ${describe(token)} in ${where}`)
    this.#index += 1
  }

  #pipe(where: string): Pipe {
    this.#skipSpace()
    const start = this.#peek()?.offset ?? this.source.length
    const declared = this.#declaration(where)
    const commands: Command[] = []
    for (;;) {
      commands.push(this.#command(where, commands.length > 0))
      this.#skipSpace()
      if (!this.#isSymbol('|')) break
      this.#index += 1
      this.#skipSpace()
      if (this.#peek()?.kind === 'close') this.fail(`missing value for ${where}`)
    }
    this.#variables.push(...(declared.assigns ? [] : declared.variables))
    return { ...declared, commands, at: this.position(start, this.#peek()?.offset ?? this.source.length) }
  }

  #declaration(where: string): { variables: string[]; assigns: boolean } {
    const start = this.#index
    const variables: string[] = []
    for (;;) {
      const token = this.#peek()
      if (token?.kind !== 'variable') break
      variables.push(token.text)
      this.#index += 1
      this.#skipSpace()
      if (this.#isSymbol(':=') || this.#isSymbol('=')) {
        const assigns = this.#isSymbol('=')
        this.#index += 1
        this.#skipSpace()
        return { variables, assigns }
      }
      if (!(where === 'range' && this.#isSymbol(',') && variables.length < 2)) break
      this.#index += 1
      this.#skipSpace()
    }
    this.#index = start
    return { variables: [], assigns: false }
  }

  #command(where: string, piped: boolean): Command {
    const operands: Operand[] = []
    this.#skipSpace()
    const start = this.#peek()?.offset ?? this.source.length
    for (;;) {
      const operand = this.#operand()
      if (operand === undefined) break
      operands.push(operand)
      if (this.#peek()?.kind !== 'space') break
      this.#skipSpace()
    }
    const next = this.#peek()
    const ends = next === undefined || next.kind === 'close' || this.#isSymbol('|') || this.#isSymbol(')')
    if (!ends) this.fail(`unexpected ${describe(next)} in ${operands.length === 0 ? where : 'operand'}`)
    if (operands.length === 0) this.fail(`missing value for ${where}`)
    const first = operands[0]!
    if (piped && (first.kind === 'literal' || first.kind === 'nil' || first.kind === 'dot')) {
      this.fail(`non executable command in pipeline stage 2`)
    }
    return { operands, at: this.position(start, next?.offset ?? this.source.length) }
  }

  #operand(): Operand | undefined {
    const token = this.#peek()
    if (token === undefined) return undefined
    const at = this.position(token.offset, token.offset + ('text' in token ? token.text.length : 1))
    if (token.kind === 'string' || token.kind === 'number') {
      this.#index += 1
      return { kind: 'literal', value: token.value, at }
    }
    if (token.kind === 'word') return this.#wordOperand(token.text, at)
    if (token.kind === 'field') return { kind: 'field', ...this.#fields(token.offset) }
    if (token.kind === 'variable') {
      this.#index += 1
      if (!this.#variables.includes(token.text)) this.fail(`undefined variable ${JSON.stringify(token.text)}`)
      return { kind: 'variable', name: token.text, ...this.#fields(token.offset) }
    }
    if (this.#isSymbol('.')) {
      this.#index += 1
      return { kind: 'dot', at }
    }
    return this.#isSymbol('(') ? this.#parenthesis(token.offset) : undefined
  }

  #wordOperand(text: string, at: Position): Operand {
    this.#index += 1
    if (text === 'true' || text === 'false') return { kind: 'literal', value: text === 'true', at }
    if (text === 'nil') return { kind: 'nil', at }
    if (!this.#functions.has(text)) this.fail(`function ${JSON.stringify(text)} not defined`)
    return { kind: 'function', name: text, at }
  }

  #parenthesis(offset: number): Operand {
    this.#index += 1
    const pipe = this.#pipe('parenthesized pipeline')
    this.#skipSpace()
    if (!this.#isSymbol(')')) this.fail('unclosed left paren')
    this.#index += 1
    return { kind: 'pipe', pipe, ...this.#fields(offset) }
  }

  #fields(offset: number): { names: string[]; at: Position } {
    const names: string[] = []
    // Go's errors point at the second link of a chain.
    let second: number | undefined
    for (let token = this.#peek(); token?.kind === 'field'; token = this.#peek()) {
      if (token.offset > offset) second ??= token.offset
      names.push(token.text.slice(1))
      this.#index += 1
    }
    const at = this.position(offset, this.#peek()?.offset ?? this.source.length)
    return { names, at: { ...at, column: at.column + (second ?? offset) - offset } }
  }
}

function describe(token: Token | undefined): string {
  if (token === undefined) return 'EOF'
  if (token.kind === 'close') return '"}}"'
  if (token.kind === 'open') return '"{{"'
  return 'text' in token ? (token.kind === 'string' ? token.text : `${JSON.stringify(token.text)}`) : 'space'
}

/**
 * @param functions the names that may be called
 * @throws TemplateError with Go's sentence, e.g. `template: :1: unclosed action`
 */
export function parseTemplate(source: string, functions: ReadonlySet<string>): Template {
  const parser = new Parser(source, functions)
  const { nodes, ending } = parser.nodes()
  if (ending.word !== 'eof') parser.fail(`unexpected {{${ending.word}}}`)
  return { body: nodes, defined: parser.defined }
}
