/** Content by digest: written once, verified before it can be seen, read in checked blocks. */
import type { Digest } from '../../../guest/protocol/api/content.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { concatBytes } from '../../../guest/vocabulary/concat-bytes.ts'
import { BLOCK_SIZE, BlockWriter, blockKey, deleteRun, readBlocks, type BlockRun } from './block-writer.ts'
import { createHash, digestAlgorithm, hexDigest, type StreamingHash } from '../storage/digest.ts'
import type { KeyValueStore } from '../storage/key-value-store.ts'
import { beginRun, endRun, randomKey } from './runs.ts'

export interface BlobRecord {
  digest: Digest
  mediaType: string
  run: BlockRun
}

/** https://github.com/opencontainers/image-spec/blob/main/descriptor.md */
export interface Descriptor {
  mediaType: string
  digest: Digest
  size: number
}

/** A blob that comes in several requests and whose digest is known only at the end. */
export interface Upload {
  /** The number of bytes received. */
  readonly received: number
  write(bytes: Uint8Array): Promise<void>
  /** Makes the blob visible. Rejects with EngineError `corrupt` (and forgets the bytes) when it has another digest. */
  commit(digest: Digest, mediaType: string): Promise<BlobRecord>
  /** Forgets the bytes. */
  discard(): Promise<void>
}

/** A blob that is being written. Dropping it keeps what is stored, so that a later ingest of the digest can go on. */
export interface Ingest {
  /** The number of bytes that an earlier attempt left: the writer goes on from there. */
  readonly offset: number
  write(bytes: Uint8Array): Promise<void>
  /** Makes the blob visible. Rejects with EngineError `corrupt` (and forgets the bytes) when digest or size are wrong. */
  commit(): Promise<BlobRecord>
  /** Forgets the bytes. */
  discard(): Promise<void>
}

const recordKey = (digest: Digest): string => `blob/${digest}`

export class BlobStore {
  private readonly store: KeyValueStore

  constructor(store: KeyValueStore) {
    this.store = store
  }

  async get(digest: Digest): Promise<BlobRecord | undefined> {
    return (await this.store.get(recordKey(digest))) as BlobRecord | undefined
  }

  async list(): Promise<Digest[]> {
    return (await this.store.keys('blob/')).map((key) => key.slice('blob/'.length) as Digest)
  }

  /** The bytes from `start` to before `end`. Rejects with EngineError `not-found` or, when a block is damaged, `corrupt`. */
  async *read(digest: Digest, start?: number, end?: number): AsyncGenerator<Uint8Array> {
    const record = await this.get(digest)
    if (record === undefined)
      throw new EngineError('not-found', `blob ${digest} is not in the store`, { digest })
    yield* readBlocks(this.store, record.run, `blob ${digest}`, start, end)
  }

  async readAll(digest: Digest): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    for await (const part of this.read(digest)) parts.push(part)
    return concatBytes(parts)
  }

  /** Writes a blob whose digest is known; resumes what an earlier attempt left. */
  async ingest(expected: Descriptor): Promise<Ingest> {
    const key = `blob-${expected.digest}`
    await beginRun(this.store, key)
    const hash = await createHash(digestAlgorithm(expected.digest))
    const checks = await this.resume(key, hash)
    const writer = new BlockWriter(this.store, key, checks)
    return this.makeIngest(writer, hash, key, checks.length * BLOCK_SIZE, expected)
  }

  /** Writes a blob whose size, and without `digest` also its digest, follow from its bytes. */
  async ingestUnknown(mediaType: string, digest?: Digest): Promise<Ingest> {
    const key = `blob-${randomKey()}`
    await beginRun(this.store, key)
    const hash = await createHash(digest === undefined ? 'sha256' : digestAlgorithm(digest))
    return this.makeIngest(new BlockWriter(this.store, key), hash, key, 0, { mediaType, digest })
  }

  /** Goes on with what is stored under the key, from the last whole block on. */
  async upload(key: string): Promise<Upload> {
    await beginRun(this.store, key)
    const hash = await createHash()
    const checks = await this.resume(key, hash)
    const writer = new BlockWriter(this.store, key, checks)
    let received = checks.length * BLOCK_SIZE
    const discard = (): Promise<void> => endRun(this.store, key, true)
    return {
      get received() {
        return received
      },
      write: async (bytes) => {
        hash.update(bytes)
        await writer.write(bytes)
        received += bytes.length
      },
      commit: async (digest, mediaType) => {
        const run = await writer.finish()
        const actual = digestAlgorithm(digest) === 'sha256' ? hash.digest() : await this.rehash(run, digest)
        if (actual === digest) return this.commit({ digest, mediaType, run })
        await discard()
        throw new EngineError('corrupt', `${run.size} bytes came with the digest ${actual}, not ${digest}`)
      },
      discard,
    }
  }

  /**
   * Hashes the bytes again when the digest's algorithm isn't sha256, because it is known only once they are all here.
   */
  private async rehash(run: BlockRun, expected: Digest): Promise<Digest> {
    const hash = await createHash(digestAlgorithm(expected))
    for await (const part of readBlocks(this.store, run, 'the upload')) hash.update(part)
    return hash.digest()
  }

  /** Stores small content that is in memory (manifests, configurations). */
  async put(mediaType: string, bytes: Uint8Array, digest?: Digest): Promise<BlobRecord> {
    const ingest = await this.ingestUnknown(mediaType, digest)
    await ingest.write(bytes)
    return ingest.commit()
  }

  async delete(digest: Digest): Promise<void> {
    const record = await this.get(digest)
    if (record === undefined) return
    // The record goes first: without it the blocks are only garbage.
    await this.store.deleteMany([recordKey(digest)])
    await deleteRun(this.store, record.run.key)
  }

  private makeIngest(
    writer: BlockWriter,
    hash: StreamingHash,
    key: string,
    offset: number,
    expected: { mediaType: string; digest?: Digest; size?: number },
  ): Ingest {
    let received = offset
    const discard = (): Promise<void> => endRun(this.store, key, true)
    return {
      offset,
      write: async (bytes) => {
        received += bytes.length
        if (expected.size !== undefined && received > expected.size) {
          await discard()
          throw mismatch(expected.digest!, `more than the ${expected.size} bytes announced came`)
        }
        hash.update(bytes)
        await writer.write(bytes)
      },
      commit: async () => {
        const run = await writer.finish()
        const digest = hash.digest()
        const wrongSize = expected.size !== undefined && run.size !== expected.size
        if (expected.digest !== undefined && (digest !== expected.digest || wrongSize)) {
          await discard()
          throw mismatch(
            expected.digest,
            `${run.size} of ${expected.size ?? run.size} bytes came, with the digest ${digest}`,
          )
        }
        return this.commit({ digest, mediaType: expected.mediaType, run })
      },
      discard,
    }
  }

  private async commit(record: BlobRecord): Promise<BlobRecord> {
    const known = await this.get(record.digest)
    if (known !== undefined && known.run.key !== record.run.key) {
      await endRun(this.store, record.run.key, true)
      return known
    }
    await this.store.setMany([[recordKey(record.digest), record]])
    await endRun(this.store, record.run.key, false)
    return record
  }

  /** Hashes the whole blocks that are there and returns their checks; a last, short block is not worth keeping. */
  private async resume(key: string, hash: StreamingHash): Promise<string[]> {
    const checks: string[] = []
    for (;;) {
      const block = await this.store.get(blockKey(key, checks.length))
      if (!(block instanceof Uint8Array) || block.length !== BLOCK_SIZE) return checks
      hash.update(block)
      checks.push(await hexDigest(block))
    }
  }
}

function mismatch(digest: Digest, why: string): EngineError {
  return new EngineError('corrupt', `${digest} arrived damaged: ${why}; pull it again`, { digest })
}
