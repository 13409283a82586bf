/**
 * Calls of the shelf: where the page keeps volumes over its reload, in the browser's storage. The engine calls it on channel
 * streams with `service: 'volumes'`, each on one of its own.
 *
 * Answer: one line of JSON, `VolumesAnswer`; for `load` the tar follows its `result` line. For `save` the caller writes the
 * tar and ends its side before the answer comes: what was kept of the volume before stays until the new one is there whole.
 */
export interface StoredVolume {
  name: string
  /** RFC 3339, whole seconds. */
  createdAt: string
  labels: Record<string, string> | null
  options: Record<string, string> | null
}

export interface Shelf {
  /** Names the machine of this page: another one than the engine knows means that nothing has been taken back yet. */
  machine: string
  volumes: StoredVolume[]
  /** Why this page keeps nothing: what it has can be loaded all the same. */
  refusal?: string
}

export type VolumesRequest =
  /** → `Shelf` */
  | { call: 'list' }
  /** → `null` */
  | { call: 'save'; volume: StoredVolume }
  /** → `{ size }`, then the tar as it was saved. */
  | { call: 'load'; name: string }
  /** Of a volume that may not be there → `null` */
  | { call: 'remove'; name: string }

export type VolumesAnswer = { result: unknown } | { error: import('../errors.ts').SerializedError }
