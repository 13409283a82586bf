/** An image’s name as Docker completes it: `busybox` is `busybox:latest`. Ids, digests and globs stay as they are. */
export function withLatest(reference: string): string {
  const name = reference.slice(reference.lastIndexOf('/') + 1)
  return /[:@*]/.test(name) || name === '' ? reference : `${reference}:latest`
}
