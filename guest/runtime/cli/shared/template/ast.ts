/** The tree of a Go text/template (https://pkg.go.dev/text/template). */
export type Node =
  | { kind: 'text'; text: string }
  | { kind: 'action'; pipe: Pipe }
  | { kind: 'if' | 'with' | 'range'; pipe: Pipe; body: Node[]; otherwise: Node[] }
  | { kind: 'break' }
  | { kind: 'continue' }
  | { kind: 'template'; name: string; pipe: Pipe | undefined; at: Position }

/** Where an error points: line from 1, column from 0, and the source as Go's error quotes it. */
export interface Position {
  line: number
  column: number
  source: string
}

export interface Pipe {
  /** `$x :=`, or `$i, $x :=` of a range. */
  variables: string[]
  assigns: boolean
  commands: Command[]
  at: Position
}

/** A function or method with arguments, or one operand alone. */
export interface Command {
  operands: Operand[]
  at: Position
}

export type Operand =
  | { kind: 'dot'; at: Position }
  | { kind: 'nil'; at: Position }
  | { kind: 'literal'; value: string | number | boolean; at: Position }
  | { kind: 'field'; names: string[]; at: Position }
  | { kind: 'variable'; name: string; names: string[]; at: Position }
  | { kind: 'function'; name: string; at: Position }
  | { kind: 'pipe'; pipe: Pipe; names: string[]; at: Position }

export interface Template {
  body: Node[]
  defined: Map<string, Node[]>
}

/** Wrong syntax, or a failure while executing. The message is Go's and begins with `template: `. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError'
}
