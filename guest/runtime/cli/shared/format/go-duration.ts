/** Go's time.Duration.String(): `1m30s`, `1.5s`, `100ms`, `0s`. */

function trimmed(value: number, digits: number): string {
  return value.toFixed(digits).replace(/\.?0+$/, '')
}

/** @param nanoseconds whole */
export function goDuration(nanoseconds: number): string {
  const sign = nanoseconds < 0 ? '-' : ''
  const total = Math.abs(nanoseconds)
  if (total === 0) return '0s'
  if (total < 1e3) return `${sign}${total}ns`
  if (total < 1e6) return `${sign}${trimmed(total / 1e3, 3)}µs`
  if (total < 1e9) return `${sign}${trimmed(total / 1e6, 6)}ms`
  const hours = Math.floor(total / 3600e9)
  const minutes = Math.floor((total % 3600e9) / 60e9)
  const rest = total % 60e9
  const fraction = String(rest % 1e9)
    .padStart(9, '0')
    .replace(/0+$/, '')
  const seconds = `${Math.floor(rest / 1e9)}${fraction === '' ? '' : `.${fraction}`}s`
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}`
  return minutes > 0 ? `${sign}${minutes}m${seconds}` : `${sign}${seconds}`
}
