/** Runs a parsed template over a value. */
import {
  TemplateError,
  type Command,
  type Node,
  type Operand,
  type Pipe,
  type Position,
  type Template,
} from './ast.ts'
import { FUNCTIONS, FUNCTION_NAMES, typeName, type TemplateFunction } from './functions.ts'
import { GoNil } from './go-types.ts'
import { parseTemplate } from './parse.ts'
import { goString, isGoObject, isGoMap, isPlainObject, isRawMap, isTrue } from './values.ts'

export interface ExecuteOptions {
  functions?: Record<string, TemplateFunction>
  /**
   * Decides about a missing field of a plain object: Docker's raw inspection fails (`error`), a header shows `<no
   * value>`.
   */
  missing?: 'error' | 'no-value'
  /** The Go type of the whole value, which the error of a missing field names. */
  rootType?: string
}

class LoopControl {
  readonly kind: 'break' | 'continue'

  constructor(kind: 'break' | 'continue') {
    this.kind = kind
  }
}

class Execution {
  readonly #template: Template
  readonly #functions: Record<string, TemplateFunction>
  readonly #missing: 'error' | 'no-value'
  readonly #root: unknown
  readonly #rootType: string | undefined
  #variables: [name: string, value: unknown][]
  output = ''

  constructor(template: Template, data: unknown, options: ExecuteOptions) {
    this.#template = template
    this.#functions = options.functions ?? FUNCTIONS
    this.#missing = options.missing ?? 'error'
    this.#root = data
    this.#rootType = options.rootType
    this.#variables = [['$', data]]
  }

  #fail(at: Position, message: string): never {
    throw new TemplateError(`template: :${at.line}:${at.column}: executing "" at <${at.source}>: ${message}`)
  }

  walk(nodes: readonly Node[], dot: unknown): void {
    for (const node of nodes) this.#node(node, dot)
  }

  #node(node: Node, dot: unknown): void {
    switch (node.kind) {
      case 'text':
        this.output += node.text
        return
      case 'action': {
        const result = this.#pipe(node.pipe, dot)
        if (node.pipe.variables.length === 0) this.output += goString(result)
        return
      }
      case 'break':
      case 'continue':
        throw new LoopControl(node.kind)
      case 'template':
        return this.#include(node.name, node.pipe === undefined ? null : this.#pipe(node.pipe, dot), node.at)
      case 'if':
      case 'with':
        return this.#scoped(() => {
          const value = this.#pipe(node.pipe, dot)
          if (isTrue(value)) this.walk(node.body, node.kind === 'with' ? value : dot)
          else this.walk(node.otherwise, dot)
        })
      case 'range':
        return this.#scoped(() => this.#range(node, dot))
    }
  }

  #scoped(run: () => void): void {
    const depth = this.#variables.length
    run()
    this.#variables.length = depth
  }

  #include(name: string, data: unknown, at: Position): void {
    const body = this.#template.defined.get(name)
    if (body === undefined) this.#fail(at, `template ${JSON.stringify(name)} not defined`)
    const outer = this.#variables
    this.#variables = [['$', data]]
    this.walk(body, data)
    this.#variables = outer
  }

  #range(node: Extract<Node, { kind: 'if' | 'with' | 'range' }>, dot: unknown): void {
    const value = this.#evaluate(node.pipe, dot)
    const entries = this.#entries(value, node.pipe.at)
    if (entries.length === 0) return this.walk(node.otherwise, dot)
    const depth = this.#variables.length
    for (const [key, item] of entries) {
      const names = node.pipe.variables
      if (names.length === 1) this.#variables.push([names[0]!, item])
      if (names.length === 2) this.#variables.push([names[0]!, key], [names[1]!, item])
      try {
        this.walk(node.body, item)
      } catch (thrown) {
        if (!(thrown instanceof LoopControl)) throw thrown
        if (thrown.kind === 'break') return
      } finally {
        this.#variables.length = depth
      }
    }
  }

  #entries(value: unknown, at: Position): [unknown, unknown][] {
    if (value === null || value === undefined || value instanceof GoNil) return []
    if (Array.isArray(value)) return value.map((item: unknown, key) => [key, item])
    if (typeof value === 'number') return Array.from({ length: value }, (_, key) => [key, key])
    if (isPlainObject(value))
      return Object.keys(value)
        .sort()
        .map((key) => [key, value[key]])
    return this.#fail(at, `range can't iterate over ${goString(value)}`)
  }

  #pipe(pipe: Pipe, dot: unknown): unknown {
    const result = this.#evaluate(pipe, dot)
    for (const name of pipe.variables) {
      if (!pipe.assigns) {
        this.#variables.push([name, result])
        continue
      }
      const known = this.#variables.findLast(([variable]) => variable === name)
      if (known !== undefined) known[1] = result
    }
    return result
  }

  #evaluate(pipe: Pipe, dot: unknown): unknown {
    let piped: unknown[] = []
    for (const command of pipe.commands) piped = [this.#command(command, dot, piped)]
    return piped[0]
  }

  /** @param piped the value of the command before, as the last argument */
  #command(command: Command, dot: unknown, piped: unknown[]): unknown {
    const [first, ...rest] = command.operands
    const args = (): unknown[] => [...rest.map((one) => this.#operand(one, dot)), ...piped]
    if (first!.kind === 'function')
      return this.#call(first!.name, args(), { ...first!.at, source: command.at.source })
    const target = this.#operand(first!, dot)
    if (typeof target === 'function') return (target as TemplateFunction)(...args())
    if (rest.length > 0 || piped.length > 0) {
      this.#fail(command.at, `can't give argument to non-function ${first!.at.source}`)
    }
    return target
  }

  #call(name: string, args: unknown[], at: Position): unknown {
    try {
      return this.#functions[name]!(...args)
    } catch (error) {
      if (error instanceof TemplateError) throw error
      const message = (error as Error).message
      return this.#fail(
        at,
        message.startsWith('error calling') || message.startsWith('wrong type')
          ? message
          : `error calling ${name}: ${message}`,
      )
    }
  }

  #operand(operand: Operand, dot: unknown): unknown {
    switch (operand.kind) {
      case 'dot':
        return dot
      case 'nil':
        return null
      case 'literal':
        return operand.value
      case 'field':
        return this.#fields(dot, operand.names, operand.at)
      case 'variable': {
        const found = this.#variables.findLast(([name]) => name === operand.name)
        return this.#fields(found?.[1], operand.names, operand.at)
      }
      case 'pipe':
        return this.#fields(this.#pipe(operand.pipe, dot), operand.names, operand.at)
      case 'function':
        return this.#call(operand.name, [], operand.at)
    }
  }

  #fields(base: unknown, names: readonly string[], at: Position): unknown {
    return names.reduce((value, name) => this.#field(value, name, at), base)
  }

  #field(value: unknown, field: string, at: Position): unknown {
    if (isGoObject(value)) {
      const found = value.field(field)
      if (found === undefined) this.#fail(at, `can't evaluate field ${field} in type ${value.goType}`)
      return found
    }
    if (isPlainObject(value)) {
      if (Object.hasOwn(value, field)) return value[field]
      // Go's structs say ID where the API's JSON says Id.
      if (field === 'ID' && Object.hasOwn(value, 'Id')) return value.Id
      if ((isGoMap(value) && !isRawMap(value)) || this.#missing === 'no-value') return undefined
      if (value === this.#root && this.#rootType !== undefined)
        this.#fail(at, `can't evaluate field ${field} in type ${this.#rootType}`)
      return this.#fail(at, `map has no entry for key ${JSON.stringify(field)}`)
    }
    // In Go a missing entry of a map has no fields either, and is no error.
    if (value === undefined) return undefined
    if (value === null) this.#fail(at, `nil pointer evaluating interface {}.${field}`)
    const type = isRawMap(this.#root as object) ? 'interface {}' : typeName(value)
    return this.#fail(at, `can't evaluate field ${field} in type ${type}`)
  }
}

export { FUNCTION_NAMES }

/** @throws TemplateError with Go's sentence */
export function executeTemplate(template: Template, data: unknown, options: ExecuteOptions = {}): string {
  const execution = new Execution(template, data, options)
  execution.walk(template.body, data)
  return execution.output
}

/**
 * Parses a template that may use Docker's functions.
 * @throws TemplateError with Go's sentence
 */
export const compileTemplate = (source: string): Template => parseTemplate(source, FUNCTION_NAMES)
