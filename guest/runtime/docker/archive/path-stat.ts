/** Reads what the launcher's `path-stat` tells of a path, and writes it as Docker's archive calls do. Pure. */
import { posix } from 'node:path'
import { EngineError } from '../../../protocol/errors.ts'
import type { StepReport } from '../../host/launcher/launcher-api.ts'

export interface PathStat {
  name: string
  size: number
  /** The kernel's st_mode. */
  mode: number
  mtime: string
  /** For a symbolic link the path in the container that it leads to, every link on the way followed; else empty. */
  linkTarget: string
}

const TYPE = 0o170000

/** Go's fs.FileMode bits by the kernel's file types. A character device has two: ModeDevice and ModeCharDevice. */
const GO_TYPES: Record<number, number> = {
  0o040000: 2 ** 31,
  0o120000: 2 ** 27,
  0o060000: 2 ** 26,
  0o020000: 2 ** 26 + 2 ** 21,
  0o010000: 2 ** 25,
  0o140000: 2 ** 24,
}

export function goFileMode(mode: number): number {
  const special =
    (mode & 0o4000 ? 2 ** 23 : 0) + (mode & 0o2000 ? 2 ** 22 : 0) + (mode & 0o1000 ? 2 ** 20 : 0)
  return (mode & 0o777) + (GO_TYPES[mode & TYPE] ?? 0) + special
}

/** Writes a time in RFC 3339 as Go does: nanoseconds without trailing zeros. */
function formatSeconds(seconds: bigint, nanoseconds: number): string {
  const whole = new Date(Number(seconds) * 1000).toISOString().replace(/\.\d+Z$/, '')
  const fraction = String(nanoseconds).padStart(9, '0').replace(/0+$/, '')
  return `${whole}${fraction === '' ? '' : `.${fraction}`}Z`
}

export function parsePathStat(path: string, reports: readonly StepReport[]): PathStat {
  const data = reports.find(({ op }) => op === 'path-stat')?.data
  if (data === undefined || data.length < 24)
    throw new EngineError('internal', `the launcher did not describe ${path}`, { path })
  const view = new DataView(data.buffer, data.byteOffset, data.length)
  return {
    name: posix.basename(path) || '/',
    size: Number(view.getBigUint64(4, true)),
    mode: view.getUint32(0, true),
    mtime: formatSeconds(view.getBigInt64(12, true), view.getUint32(20, true)),
    linkTarget: new TextDecoder().decode(data.subarray(24)),
  }
}

/** The value of the header `X-Docker-Container-Path-Stat`. */
export function pathStatHeader(stat: PathStat): string {
  return Buffer.from(JSON.stringify({ ...stat, mode: goFileMode(stat.mode) })).toString('base64')
}
