/** Short forms of ids. */

/** Removes `sha256:` and keeps twelve digits (moby pkg/stringid). */
export const truncateId = (id: string): string =>
  (id.includes(':') ? id.slice(id.indexOf(':') + 1) : id).slice(0, 12)

/** Sorted `key=value` pairs joined with commas, as lists print labels. */
export const labelText = (labels: Record<string, string> | null | undefined): string =>
  Object.entries(labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(',')

/** The `Label` method of lists. */
export const labelOf =
  (labels: Record<string, string> | null | undefined) =>
  (name: unknown): string =>
    labels?.[String(name)] ?? ''
