/**
 * Calls of the shelf, which keeps volumes over a reload of the page in the browser's storage. The engine opens one
 * channel stream with `service: 'volumes'` for each call.
 *
 * The shelf answers with one line of JSON, `VolumesAnswer`; for `load` the tar follows its `result` line. For `save`
 * the caller writes the tar and ends its side before the answer comes: the shelf keeps what it had of the volume until
 * the new tar is there whole.
 */
export interface StoredVolume {
  name: string
  /** RFC 3339, whole seconds. */
  createdAt: string
  labels: Record<string, string> | null
  options: Record<string, string> | null
}

export interface Shelf {
  /**
   * Names the machine of this page. When the engine knows another name, it has taken nothing back from the shelf yet.
   */
  machine: string
  volumes: StoredVolume[]
  /**
   * Names of volumes that were saved after the machine was, when the page goes on with a saved one: the machine's own data
   * is older. The shelf takes no save of such a volume before it was loaded.
   */
  newer?: string[]
  /** Why this page saves no volumes; those on the shelf can still be loaded. */
  refusal?: string
}

export type VolumesRequest =
  /** → `Shelf` */
  | { call: 'list' }
  /** → `null` */
  | { call: 'save'; volume: StoredVolume }
  /** → `{ size }`, then the tar as it was saved. */
  | { call: 'load'; name: string }
  /** Removes the volume if it is there → `null` */
  | { call: 'remove'; name: string }

export type VolumesAnswer = { result: unknown } | { error: import('../errors.ts').SerializedError }
