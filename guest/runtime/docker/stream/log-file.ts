/** The path of a container's log, and its limit. The shim writes the log; log-reader.ts reads it. */
import type { LogConfig } from '../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../protocol/errors.ts'
import type { ContainerStore } from '../state/container-store.ts'

/**
 * Bytes. The log lies in tmpfs, which is memory, so a chatty container must not fill it. Docker's own default is no
 * limit.
 */
const DEFAULT_LIMIT = 8 * 1024 * 1024

const UNITS: Record<string, number> = { '': 1, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }

export const logPath = ({ containers }: { containers: ContainerStore }, id: string): string =>
  `${containers.directory(id)}/${id}-json.log`

/** Bytes after which the shim renames the log to `<path>.1`; `--log-opt max-size`. */
export function logLimit({ Config }: LogConfig): number {
  const text = Config?.['max-size']
  if (text === undefined || text === '-1') return DEFAULT_LIMIT
  const match = /^(\d+(?:\.\d+)?)\s*([bkmg]?)(?:i?b)?$/i.exec(text)
  if (!match) throw new EngineError('invalid', `invalid size: '${text}'`, { 'max-size': text })
  return Math.floor(Number(match[1]) * UNITS[match[2]!.toLowerCase()]!)
}
