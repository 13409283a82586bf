/** Remembers unfinished uploads to the registry over a reload. */
import type { KeyValueStore } from '../storage/key-value-store.ts'

export interface UploadRecord {
  repository: string
}

const UPLOADS = 'upload/'

export const uploadKey = (id: string): string => UPLOADS + id

/** The key of the run of blocks that an upload writes: see runs.ts. */
export const uploadRunKey = (id: string): string => `upload-${id}`

/** Forgets uploads whose run of blocks was given up. */
export async function dropDeadUploads(store: KeyValueStore, liveRuns: ReadonlySet<string>): Promise<void> {
  const keys = await store.keys(UPLOADS)
  await store.deleteMany(keys.filter((key) => !liveRuns.has(uploadRunKey(key.slice(UPLOADS.length)))))
}
