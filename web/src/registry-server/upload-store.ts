/** Uploads of blobs in several requests; a client can go on with one after the page was reloaded. */
import { Mutex } from '../../../guest/vocabulary/mutex.ts'
import type { Upload } from '../content/blob-store.ts'
import type { ContentStore } from '../content/content-store.ts'
import type { KeyValueStore } from '../storage/key-value-store.ts'
import { beginRun, randomKey } from '../content/runs.ts'
import { uploadKey, uploadRunKey, type UploadRecord } from '../content/upload-records.ts'
import { RegistryError } from './registry-error.ts'

interface OpenUpload {
  upload: Promise<Upload>
  /** Lets one request at a time write. */
  lock: Mutex
}

export class UploadStore {
  private readonly store: KeyValueStore
  private readonly content: ContentStore
  private readonly open = new Map<string, OpenUpload>()

  constructor(store: KeyValueStore, content: ContentStore) {
    this.store = store
    this.content = content
  }

  async begin(repository: string): Promise<string> {
    const id = randomKey()
    const record: UploadRecord = { repository }
    await beginRun(this.store, uploadRunKey(id))
    await this.store.setMany([[uploadKey(id), record]])
    return id
  }

  /** Runs `action` when no other request uses the upload. Rejects with RegistryError BLOB_UPLOAD_UNKNOWN. */
  async use<T>(repository: string, id: string, action: (upload: Upload) => Promise<T>): Promise<T> {
    const record = (await this.store.get(uploadKey(id))) as UploadRecord | undefined
    if (record === undefined) this.open.delete(id)
    if (record?.repository !== repository) throw new RegistryError('BLOB_UPLOAD_UNKNOWN')
    const opened = this.open.get(id) ?? this.reopen(id)
    return opened.lock.run(async () => {
      if (!this.open.has(id)) throw new RegistryError('BLOB_UPLOAD_UNKNOWN')
      const upload = await opened.upload
      // Keeps garbage collection from the upload's blocks for another while.
      await beginRun(this.store, uploadRunKey(id))
      return action(upload)
    })
  }

  /** Forgets an upload that was committed or discarded. */
  async end(id: string): Promise<void> {
    this.open.delete(id)
    await this.store.deleteMany([uploadKey(id)])
  }

  private reopen(id: string): OpenUpload {
    const upload = this.content.blobs.upload(uploadRunKey(id))
    // The request that waits for the upload gets the failure; this only keeps it from counting as unhandled.
    upload.catch(() => this.open.delete(id))
    const opened: OpenUpload = { upload, lock: new Mutex() }
    this.open.set(id, opened)
    return opened
  }
}
