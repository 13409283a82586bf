/**
 * The worker's surface as the page sees it through comlink: `web/src/client` and above know nothing else of the
 * machine. The worker implements it; a dead worker rejects every pending call with EngineError `unavailable` (see
 * connect-machine.ts).
 */
import type { StreamOpen } from '../../../guest/protocol/wire/byte-stream.ts'
import type { Release } from '../release/release.ts'
import type { SessionOutcome } from '../sessions/session-keeper.ts'
import type { BootProgress } from '../vm/boot-progress.ts'

export type { SessionLoss, SessionOutcome } from '../sessions/session-keeper.ts'
export { BOOT_STEPS } from '../vm/boot-progress.ts'
export type { BootProgress, BootStep } from '../vm/boot-progress.ts'

export interface BootOptions {
  /** The address below which public/guest and public/images are served, absolute, with a trailing slash. */
  baseUrl: string
  /** MiB; a snapshot exists for the default only. */
  memory?: number
  cold?: boolean
  /** Goes on in memory where the browser allows no storage; the boot fails there otherwise. */
  mayForget?: boolean
  /**
   * `resume`: goes on with the machine that this browser keeps, if it can. `fresh`: does not, and keeps the new one. Without
   * it nothing is kept.
   */
  session?: 'resume' | 'fresh'
}

/**
 * What of machines over a reload. `keeps`: whether the machine is kept; `elsewhere`: another tab of the site keeps its own;
 * `never`: it was booted without the snapshot, or nobody wants it kept.
 */
export interface BootSession {
  outcome: SessionOutcome
  /** Volumes of the machine that was gone on with whose newer data was put back. */
  returned: readonly string[]
  keeps: 'here' | 'elsewhere' | 'never'
}

export interface SessionSave {
  /** Milliseconds since 1970. */
  savedAt: number
  bytes: number
}

export interface BootResult {
  buildId: string
  restored: boolean
  memory: number
  /** Milliseconds from the call to the handshake. */
  elapsed: number
  /** Bytes downloaded until the handshake. */
  bytes: number
  session: BootSession
}

export interface MachineStats {
  /** Bytes fetched since the page was loaded, and those that are still missing for offline use. */
  bytesFetched: number
  bytesMissing: number
  offlineReady: boolean
  guestMemory: number
  wasmMemory: number
}

export type OnBytes = (loaded: number, total: number) => void

/** A layer of an image of the site. */
export interface OfflineLayer {
  /** Its digest. */
  id: string
  /** Bytes as they are downloaded. */
  size: number
  kept: boolean
}

/** What use without a network takes. */
export interface OfflineSurvey {
  /** Compressed bytes of the guest's system and snapshot, and those of them that are not kept yet. */
  system: { size: number; missing: number }
  /** The site's images, each under the first of its names. */
  images: { reference: string; layers: OfflineLayer[] }[]
}

/** A kept file whose bytes are not those of its digest. */
export interface DamagedFile {
  /** Its path in the site, or the layer's digest. */
  file: string
  /** The image that needs the layer. */
  image?: string
}

export interface MachineApi {
  boot(options: BootOptions, onProgress: (progress: BootProgress) => void): Promise<BootResult>
  /**
   * Opens a channel stream. The port carries the stream as messages (see port-stream.ts, which makes a ByteStream of it
   * at the page's end). Rejects with EngineError when the guest refuses or the machine is gone.
   */
  openStream(open: StreamOpen): Promise<MessagePort>
  /**
   * Fetches what is still missing for offline use: system and snapshot, then the named images, or all when omitted.
   * @param hurry fetches while the guest works too, as somebody waits for it
   */
  prefetch(images: string[] | undefined, onProgress: OnBytes, hurry?: boolean): Promise<void>
  surveyOffline(): Promise<OfflineSurvey>
  /** Compares all that is kept with its digests; what is damaged is missing from then on, so that prefetch mends it. */
  checkOffline(onProgress: OnBytes): Promise<DamagedFile[]>
  /**
   * Fetches what another release needs, with the images that are kept of this one, so that it can be taken whole.
   * Rejects with EngineError `unavailable` or `corrupt`, naming the file.
   */
  fetchRelease(release: Release, onProgress: OnBytes): Promise<void>
  stats(): Promise<MachineStats>
  pause(): Promise<void>
  resume(): Promise<void>
  /**
   * Keeps the machine in this browser, to be gone on with after a reload; it stands still for a part of that. Calls at the
   * same time are one. Resolves with null when `onlyIfWorked` and the guest has done next to nothing since the last one.
   * Rejects with EngineError: `unavailable` when no machine runs, `not-supported` or `conflict` when it is not to be kept,
   * `exhausted` when there is no room; the machine goes on, and what was kept stays.
   */
  save(onlyIfWorked: boolean): Promise<SessionSave | null>
  /** The machine as a file (web/src/sessions/session-format.ts). Rejects like `save`, but needs no room in this browser. */
  saveToFile(): Promise<Blob>
  /**
   * Keeps the machine of a file in the place of the one that is kept: the next boot goes on with it. From then on this
   * machine is not kept any more. Rejects with EngineError `corrupt` or `not-supported` for a file that cannot be gone on
   * with, and like `save`.
   */
  openFile(file: Blob): Promise<void>
  /** Forgets the machine that is kept; the one that runs is not kept any more. */
  forget(): Promise<void>
  /** Ends the machine, or its boot; every call and stream is rejected. `boot` may be called again. */
  shutdown(): Promise<void>
}
