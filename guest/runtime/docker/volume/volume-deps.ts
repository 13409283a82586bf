/**
 * The needs of the volume service, which the composition root fulfils; every effect of the service goes through one of
 * these.
 */
import type { Clock } from '../../host/clock.ts'
import type { EnginePaths } from '../../host/engine-paths.ts'
import type { Files } from '../../host/files/files.ts'
import type { LauncherClient } from '../../host/launcher/launcher-api.ts'
import type { VolumesClient } from '../../host/channel/volumes-client.ts'

/** A volume's entry in `docker events`. */
export interface VolumeEvent {
  action: 'create' | 'mount' | 'unmount' | 'destroy'
  name: string
  driver: string
  /** Set for mount and unmount. */
  containerId?: string
}

/** The needs of keeping volumes over a reload of the page. */
export interface KeepingDeps {
  shelf: VolumesClient
  clock: Clock
  /** Whether a container runs that may write into the volume. */
  isWritten(name: string): boolean
  /** Runs `work` while those containers are frozen. */
  whileStill<T>(name: string, work: () => Promise<T>): Promise<T>
  /** Runs `work` while no container runs that has the volume; those that ran are started again. */
  whileDown<T>(name: string, work: () => Promise<T>): Promise<T>
  report(what: string, error: unknown): void
}

export interface VolumeDeps {
  paths: Pick<EnginePaths, 'dataRoot'>
  launcher: Pick<LauncherClient, 'run' | 'ask' | 'stream'>
  files: Files
  /** `bytes` random bytes as lower-case hex. */
  randomHex(bytes: number): string
  now(): Date
  onEvent?(event: VolumeEvent): void
  /** Reports a failure that no caller waits for: a record could not be read. */
  report(what: string, error: unknown): void
  /** Undefined when nothing keeps volumes, which then live as long as the machine. */
  keeping?: KeepingDeps
}
