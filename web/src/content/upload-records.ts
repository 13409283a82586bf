/** What is remembered of uploads to the registry that are not finished; they survive a reload. */
import type { KeyValueStore } from '../storage/key-value-store.ts'

export interface UploadRecord {
  repository: string
}

const UPLOADS = 'upload/'

export const uploadKey = (id: string): string => UPLOADS + id

/** Of the blocks that an upload has written: see runs.ts. */
export const uploadRunKey = (id: string): string => `upload-${id}`

/** Forgets uploads that were given up: those without a living run. */
export async function dropDeadUploads(store: KeyValueStore, liveRuns: ReadonlySet<string>): Promise<void> {
  const keys = await store.keys(UPLOADS)
  await store.deleteMany(keys.filter((key) => !liveRuns.has(uploadRunKey(key.slice(UPLOADS.length)))))
}
