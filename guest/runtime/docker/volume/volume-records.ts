/** The record of a volume: one JSON file beside its data. */
import { EngineError } from '../../../protocol/errors.ts'
import type { VolumeInspect } from '../../../protocol/api/engine-api.ts'

export const LOCAL_DRIVER = 'local'
/** The label that Docker gives an anonymous volume. */
export const ANONYMOUS_LABEL = 'com.docker.volume.anonymous'

export interface VolumeRecord {
  name: string
  /** RFC 3339, whole seconds. */
  createdAt: string
  labels: Record<string, string> | null
  options: Record<string, string> | null
  /** The containers that have the volume among their mounts, running or not, with its paths in them. */
  references: { containerId: string; destination: string; anonymous: boolean }[]
  /** The page still has the data, which it kept over a reload. */
  pending?: true
}

export function isAnonymous(volume: VolumeRecord): boolean {
  return volume.labels !== null && ANONYMOUS_LABEL in volume.labels
}

/** Checks a name. Throws Docker's sentence (moby volume/local, names.RestrictedNameChars). */
export function checkVolumeName(name: string): void {
  if (name.length === 1) {
    const reason = 'volume name is too short, names should be at least two alphanumeric characters'
    throw new EngineError('invalid', `create ${name}: ${reason}`)
  }
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name)) {
    const what = `"${name}" includes invalid characters for a local volume name`
    const hint =
      'only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path'
    throw new EngineError('invalid', `create ${name}: ${what}, ${hint}`)
  }
}

export function checkDriver(driver: string | undefined, name: string): void {
  if (driver === undefined || driver === '' || driver === LOCAL_DRIVER) return
  const reason = `error looking up volume plugin ${driver}: plugin "${driver}" not found`
  throw new EngineError('not-found', `create ${name}: ${reason}`)
}

export function volumeJson(volume: VolumeRecord, mountpoint: string): VolumeInspect {
  return {
    CreatedAt: volume.createdAt,
    Driver: LOCAL_DRIVER,
    Labels: volume.labels,
    Mountpoint: mountpoint,
    Name: volume.name,
    Options: volume.options,
    Scope: 'local',
  }
}
