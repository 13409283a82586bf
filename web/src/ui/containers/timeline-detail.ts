/** Formats the arguments of a step of the launcher's plan for reading: `source=proc target=/proc flags=14`. */
export function stepDetail(plan: Record<string, unknown> | undefined): string {
  return Object.entries(plan ?? {})
    .filter(([name, value]) => name !== 'op' && value !== undefined && value !== null && value !== '')
    .map(([name, value]) => `${name}=${argument(value)}`)
    .join(' ')
}

/** For longer values (a seccomp program, netlink messages) only the size is shown. */
const MAX_ARGUMENT = 96

function argument(value: unknown): string {
  if (value instanceof Uint8Array) return `<${value.length} bytes>`
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > MAX_ARGUMENT ? `${text.slice(0, MAX_ARGUMENT)}…` : text
}
