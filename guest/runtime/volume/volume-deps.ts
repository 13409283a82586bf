/** What the volume service needs from the composition root; every effect it has goes through one of these. */
import type { EnginePaths } from '../host/engine-paths.ts'
import type { Files } from '../host/files.ts'
import type { LauncherClient } from '../host/launcher-api.ts'

/** A volume's entry in `docker events`. */
export interface VolumeEvent {
  action: 'create' | 'mount' | 'unmount' | 'destroy'
  name: string
  driver: string
  /** For mount and unmount. */
  containerId?: string
}

export interface VolumeDeps {
  paths: Pick<EnginePaths, 'dataRoot'>
  launcher: Pick<LauncherClient, 'run'>
  files: Files
  /** `bytes` random bytes as lower-case hex. */
  randomHex(bytes: number): string
  now(): Date
  onEvent?(event: VolumeEvent): void
}
