/** Turns the store's progress into Docker's JSON lines. */
import type { PullProgress, PushProgress } from '../../../protocol/api/content.ts'
import type { JsonProgress } from '../../../protocol/api/engine-api.ts'

const BAR = 50
const UNITS = ['B', 'kB', 'MB', 'GB']

/** Prints a size as go-units' HumanSize does: four significant digits, powers of 1000. */
export function humanSize(bytes: number): string {
  let [value, unit] = [bytes, 0]
  while (value >= 1000 && unit < UNITS.length - 1) [value, unit] = [value / 1000, unit + 1]
  return `${Number(value.toPrecision(4))}${UNITS[unit]}`
}

/** A bar as `[=====>      ]   1.2MB/3MB`, for clients that do not draw it themselves (moby pkg/jsonmessage). */
function bar(current: number, total: number): string {
  const done = Math.min(BAR, Math.floor(Math.floor((current / total) * 100) / 2))
  const numbers = `${humanSize(current).padStart(8)}/${humanSize(total)}`
  return `[${'='.repeat(done)}>${' '.repeat(BAR - done)}] ${numbers}`
}

export function pullLine(progress: PullProgress): JsonProgress {
  const { id, status, from } = progress
  if (status === 'Pulling from')
    return { status: `Pulling from ${from ?? ''}`, ...(id !== undefined && { id }) }
  return layerLine(progress)
}

export function layerLine({ id, status, current, total }: PullProgress | PushProgress): JsonProgress {
  const counted = current !== undefined && total !== undefined && total > 0
  return {
    status,
    progressDetail: counted ? { current, total } : {},
    ...(counted && { progress: bar(current, total) }),
    ...(id !== undefined && { id }),
  }
}
