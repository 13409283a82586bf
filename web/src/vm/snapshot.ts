/**
 * A saved machine as files of the site: `guest/state/<MiB>/index.json` and parts beside it. scripts/build-snapshot.ts
 * writes them.
 */
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { NineState } from '../nine/nine-server.ts'
import type { SiteReader } from '../trees/open-system-tree.ts'
import { readSiteFiles } from './site-files.ts'
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

export function parseSnapshotIndex(bytes: Uint8Array, path: string): SnapshotIndex {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder().decode(bytes))
  } catch (cause) {
    throw new EngineError('corrupt', `${path} is not JSON`, { file: path }, cause)
  }
  const index = value as Partial<SnapshotIndex> | null
  const whole =
    index?.format === 1 &&
    typeof index.buildId === 'string' &&
    typeof index.memory === 'number' &&
    typeof index.rawSize === 'number' &&
    Array.isArray(index.parts) &&
    Array.isArray(index.warmChunks) &&
    typeof index.nine === 'object'
  if (!whole) throw new EngineError('corrupt', `${path} is not an index of a snapshot`, { file: path })
  return index as SnapshotIndex
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
