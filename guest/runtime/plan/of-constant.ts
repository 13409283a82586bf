/**
 * A pure function of an object that is asked again and again for the same constants: what it makes of a frozen object is
 * made once, and must not be changed by whoever gets it.
 */
export function ofConstant<Key extends object, Made>(make: (key: Key) => Made): (key: Key) => Made {
  const known = new WeakMap<Key, { made: Made }>()
  return (key) => {
    if (!Object.isFrozen(key)) return make(key)
    let entry = known.get(key)
    if (entry === undefined) known.set(key, (entry = { made: make(key) }))
    return entry.made
  }
}
