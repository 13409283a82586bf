/** Go's time.Duration.String(): `1m30s`, `250ms`, `0s`. */
const SMALL: readonly [number, string][] = [
  [1e6, 'ms'],
  [1e3, 'µs'],
  [1, 'ns'],
]

/** @param nanoseconds whole, not negative */
export function formatDuration(nanoseconds: number): string {
  if (nanoseconds === 0) return '0s'
  const small = nanoseconds < 1e9 && SMALL.find(([size]) => nanoseconds >= size)
  if (small) return `${nanoseconds / small[0]}${small[1]}`
  const hours = Math.floor(nanoseconds / 3600e9)
  const minutes = Math.floor((nanoseconds % 3600e9) / 60e9)
  const seconds = (nanoseconds % 60e9) / 1e9
  if (hours > 0) return `${hours}h${minutes}m${seconds}s`
  return minutes > 0 ? `${minutes}m${seconds}s` : `${seconds}s`
}
