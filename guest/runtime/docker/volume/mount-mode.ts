/** The third part of `-v source:destination:mode` (moby volume/mounts/linux_parser.go). */
const KINDS: readonly (readonly string[])[] = [
  ['rw', 'ro'],
  ['z', 'Z'],
  ['private', 'rprivate', 'slave', 'rslave', 'shared', 'rshared'],
  ['nocopy'],
  ['consistent', 'cached', 'delegated'],
]
export const PROPAGATIONS = KINDS[2]!

/** Whether each word of a mode is known, and at most one of a kind; the empty mode is valid. */
export function isMode(mode: string): boolean {
  if (mode === '') return true
  const words = mode.split(',')
  const isKnown = words.every((word) => KINDS.some((kind) => kind.includes(word)))
  return isKnown && KINDS.every((kind) => words.filter((word) => kind.includes(word)).length <= 1)
}

export function propagationOf(mode: string): string | undefined {
  return mode.split(',').find((word) => PROPAGATIONS.includes(word))
}

export function isReadOnly(mode: string): boolean {
  return mode.split(',').includes('ro')
}

export function hasNoCopy(mode: string): boolean {
  return mode.split(',').includes('nocopy')
}
