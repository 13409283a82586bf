/**
 * A saved machine as files of the site: `guest/state/<MiB>/index.json` and parts beside it. scripts/build-snapshot.ts
 * writes them.
 */
import { EngineError } from '../../../guest/protocol/errors.ts'
import { isRecord } from '../../../guest/protocol/wire/is-record.ts'
import { parseJsonObject } from '../../../guest/vocabulary/json.ts'
import type { NineState } from '../nine/nine-server.ts'
import type { SiteReader } from '../trees/open-system-tree.ts'
import { isSized, readSiteFiles } from './site-files.ts'
import type { OnBytes, SiteFile } from './site-files.ts'

export interface SnapshotIndex {
  format: 1
  buildId: string
  /** MiB; a state fits only a machine of the same size. */
  memory: number
  /** Bytes of the state before compression. */
  rawSize: number
  /** The state, one zstd frame, cut into files of at most 1.9 MB; names are relative to the index. */
  parts: { name: string; size: number; sha256: string }[]
  /** The 9P server's side of the state. */
  nine: NineState
  /** Names of the chunks of the system trees that the first commands read, so that they are fetched beforehand. */
  warmChunks: string[]
}

export function snapshotPath(memory: number): string {
  return `guest/state/${memory}/index.json`
}

const isPart = (value: unknown): value is SnapshotIndex['parts'][number] =>
  isSized(value) && typeof value.name === 'string'

/** The 9P server looks at the entries when it restores them. */
const isNineState = (value: unknown): value is NineState =>
  isRecord(value) && value.format === 1 && Array.isArray(value.fids) && Array.isArray(value.inodes)

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string')

/** @throws EngineError `corrupt` */
export function parseSnapshotIndex(bytes: Uint8Array, path: string): SnapshotIndex {
  const index = parseJsonObject(new TextDecoder().decode(bytes), path)
  const { format, buildId, memory, rawSize, parts, nine, warmChunks } = index
  if (
    format !== 1 ||
    typeof buildId !== 'string' ||
    typeof memory !== 'number' ||
    typeof rawSize !== 'number' ||
    !(Array.isArray(parts) && parts.every(isPart)) ||
    !isNineState(nine) ||
    !isTexts(warmChunks)
  )
    throw new EngineError('corrupt', `${path} is not an index of a snapshot`, { file: path })
  return { format, buildId, memory, rawSize, parts, nine, warmChunks }
}

/** The compressed state, verified. */
export async function readSnapshot(
  read: SiteReader,
  index: SnapshotIndex,
  onBytes: OnBytes,
): Promise<ArrayBuffer> {
  const folder = snapshotPath(index.memory).replace(/[^/]*$/, '')
  const files: SiteFile[] = index.parts.map(({ name, size, sha256 }) => ({
    path: folder + name,
    size,
    sha256,
  }))
  const parts = await readSiteFiles(read, files, onBytes)
  const whole = new Uint8Array(files.reduce((sum, { size }) => sum + size, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole.buffer
}
