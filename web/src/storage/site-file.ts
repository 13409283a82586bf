/** How an index of the site describes one of its files. */
import { isRecord } from '../../../guest/protocol/wire/is-record.ts'

export interface SiteFile {
  /** Below the base URL. */
  path: string
  size: number
  /** Hex. */
  sha256: string
}

/** Whether an index describes a file: its size, and its digest. */
export const isSized = (value: unknown): value is Record<string, unknown> & Omit<SiteFile, 'path'> =>
  isRecord(value) && typeof value.size === 'number' && typeof value.sha256 === 'string'

export const isSiteFile = (value: unknown): value is SiteFile =>
  isSized(value) && typeof value.path === 'string'
