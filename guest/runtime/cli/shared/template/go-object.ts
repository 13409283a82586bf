/** The interface of values that stand for one of Go's own types in a template. */

/** An object whose fields are computed when asked for, with the Go type that error messages name. */
export interface GoObject {
  readonly goType: string
  /** The field's value; undefined when there is no such field. */
  field(name: string): unknown
  /** The value that `json` encodes. */
  toJSON(): unknown
  /** The text that `%v` prints; by default the one that `json` encodes. */
  readonly text?: string
  /** Set when `if` takes the value for false. */
  readonly isZero?: boolean
}
