/** The interface of values that stand for one of Go's own types in a template. */

/** An object whose fields are computed when asked for, with the Go type that error messages name. */
export interface GoObject {
  readonly goType: string
  /** The field's value; undefined when there is no such field. */
  field(name: string): unknown
  /** What `json` encodes. */
  toJSON(): unknown
  /** What `%v` prints; by default what `json` encodes. */
  readonly text?: string
  /** Set when `if` takes the value for false. */
  readonly isZero?: boolean
}
