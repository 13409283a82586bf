/** The store's progress as Docker's JSON lines. */
import type { PullProgress } from '../../protocol/content.ts'
import type { JsonProgress } from '../../protocol/engine-api.ts'

const BAR = 50
const UNITS = ['B', 'kB', 'MB', 'GB']

/** go-units, HumanSize: four significant digits, powers of 1000. */
export function humanSize(bytes: number): string {
  let [value, unit] = [bytes, 0]
  while (value >= 1000 && unit < UNITS.length - 1) [value, unit] = [value / 1000, unit + 1]
  return `${Number(value.toPrecision(4))}${UNITS[unit]}`
}

/** `[=====>      ]  1.2MB/3MB`, for clients that do not draw it themselves. */
function bar(current: number, total: number): string {
  const done = Math.min(BAR, Math.floor((current / total) * BAR))
  const arrow = done < BAR ? '>' : ''
  return `[${'='.repeat(done)}${arrow}${' '.repeat(BAR - done - arrow.length)}]  ${humanSize(current)}/${humanSize(total)}`
}

export function pullLine(progress: PullProgress): JsonProgress {
  const { id, status, current, total, from } = progress
  if (status === 'Pulling from')
    return { status: `Pulling from ${from ?? ''}`, ...(id !== undefined && { id }) }
  const counted = current !== undefined && total !== undefined && total > 0
  return {
    status,
    progressDetail: counted ? { current, total } : {},
    ...(counted && { progress: bar(current, total) }),
    ...(id !== undefined && { id }),
  }
}
