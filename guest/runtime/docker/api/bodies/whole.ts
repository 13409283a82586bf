import type { GoType } from '../json/go-type.ts'

/** A struct that Go holds by value: a field that the request leaves out has Go's zero value. */
export function whole<T extends object>(type: GoType<Partial<T>>, zero: T): GoType<T> {
  return {
    goName: type.goName,
    zero: () => ({ ...zero }),
    decode: (value, place) => ({ ...zero, ...type.decode(value, place) }),
  }
}
