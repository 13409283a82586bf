/** A step of the launcher's plan as its arguments, for reading: `source=proc target=/proc flags=14`. */
export function stepDetail(plan: Record<string, unknown> | undefined): string {
  return Object.entries(plan ?? {})
    .filter(([name, value]) => name !== 'op' && value !== undefined && value !== null && value !== '')
    .map(([name, value]) => `${name}=${argument(value)}`)
    .join(' ')
}

/** Longer values (a seccomp program, netlink messages) are told by their size. */
const MAX_ARGUMENT = 96

function argument(value: unknown): string {
  if (value instanceof Uint8Array) return `<${value.length} bytes>`
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > MAX_ARGUMENT ? `${text.slice(0, MAX_ARGUMENT)}…` : text
}
