/**
 * A saved machine as files of the site: `guest/state/<MiB>/index.json` and parts beside it. scripts/build-snapshot.ts
 * writes them.
 */
import { EngineError } from '../../../guest/protocol/errors.ts'
import { isRecord } from '../../../guest/protocol/wire/is-record.ts'
import { parseJsonObject } from '../../../guest/vocabulary/json.ts'
import type { NineState } from '../nine/nine-server.ts'
import type { SiteReader } from '../trees/open-system-tree.ts'
import { gunzip } from '../storage/gunzip.ts'
import { hashBytes } from './memory-delta.ts'
import { isSized, readSiteFile, readSiteFiles } from './site-files.ts'
import type { OnBytes, SiteFile } from './site-files.ts'

interface SnapshotPart {
  name: string
  size: number
  /** Hex. */
  sha256: string
}

export interface SnapshotIndex {
  format: 1
  buildId: string
  /** MiB; a state fits only a machine of the same size. */
  memory: number
  /** Bytes of the state before compression. */
  rawSize: number
  /** The state, one zstd frame, cut into files of at most 1.9 MB; names are relative to the index. */
  parts: SnapshotPart[]
  /** The hashes of its pages of memory (memory-delta.ts), gzipped, for those who save a machine that began from it. */
  pages: SnapshotPart
  /** The 9P server's side of the state. */
  nine: NineState
  /** Names of the chunks of the system trees that the first commands read, so that they are fetched beforehand. */
  warmChunks: string[]
}

export function snapshotPath(memory: number): string {
  return `guest/state/${memory}/index.json`
}

const isPart = (value: unknown): value is SnapshotPart => isSized(value) && typeof value.name === 'string'

/** The 9P server looks at the entries when it restores them. */
export const isNineState = (value: unknown): value is NineState =>
  isRecord(value) && value.format === 1 && Array.isArray(value.fids) && Array.isArray(value.inodes)

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string')

/** @throws EngineError `corrupt` */
export function parseSnapshotIndex(bytes: Uint8Array, path: string): SnapshotIndex {
  const index = parseJsonObject(new TextDecoder().decode(bytes), path)
  const { format, buildId, memory, rawSize, parts, pages, nine, warmChunks } = index
  if (
    format !== 1 ||
    typeof buildId !== 'string' ||
    typeof memory !== 'number' ||
    typeof rawSize !== 'number' ||
    !(Array.isArray(parts) && parts.every(isPart)) ||
    !isPart(pages) ||
    !isNineState(nine) ||
    !isTexts(warmChunks)
  )
    throw new EngineError('corrupt', `${path} is not an index of a snapshot`, { file: path })
  return { format, buildId, memory, rawSize, parts, pages, nine, warmChunks }
}

/** The compressed state, verified. */
export async function readSnapshot(
  read: SiteReader,
  index: SnapshotIndex,
  onBytes: OnBytes,
): Promise<ArrayBuffer> {
  const files = index.parts.map((part) => siteFile(index, part))
  const parts = await readSiteFiles(read, files, onBytes)
  const whole = new Uint8Array(files.reduce((sum, { size }) => sum + size, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole.buffer
}

/** The hashes of the snapshot's pages, verified. */
export async function readPageHashes(read: SiteReader, index: SnapshotIndex): Promise<Uint32Array> {
  const file = siteFile(index, index.pages)
  const bytes = await readSiteFile(read, file)
  const hashes = await gunzip(bytes, hashBytes(index.memory), file.path)
  return new Uint32Array(hashes.buffer, hashes.byteOffset, hashes.length / 4)
}

function siteFile({ memory }: SnapshotIndex, { name, size, sha256 }: SnapshotPart): SiteFile {
  return { path: snapshotPath(memory).replace(/[^/]*$/, name), size, sha256 }
}
