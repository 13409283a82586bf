/** What stands for a value of one of Go's own types in a template. */

/** An object whose fields are computed when asked for, with the Go type that error messages name. */
export interface GoObject {
  readonly goType: string
  /** `undefined`: there is no such field. */
  field(name: string): unknown
  /** What `json` encodes. */
  toJSON(): unknown
  /** What `%v` prints; by default what `json` encodes. */
  readonly text?: string
  /** True: false to `if`. */
  readonly isZero?: boolean
}
