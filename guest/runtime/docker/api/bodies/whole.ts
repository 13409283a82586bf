import type { GoType } from '../json/go-type.ts'

/** A struct that is held by value: what the request leaves out has Go's zero value. */
export function whole<T extends object>(type: GoType<Partial<T>>, zero: T): GoType<T> {
  return {
    goName: type.goName,
    zero: () => ({ ...zero }),
    decode: (value, place) => ({ ...zero, ...type.decode(value, place) }),
  }
}
