/**
 * OCI mount options as the kernel's new mount interface takes them.
 * https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config.md#linux-mount-options, mount_setattr(2).
 */
import { EngineError } from '../../../protocol/errors.ts'
import { MOUNT_ATTR, MS } from '../../plan/linux-constants.ts'

export interface MountAttributes {
  bind: boolean
  recursive: boolean
  /** MOUNT_ATTR_* of the top mount. */
  set: bigint
  clear: bigint
  /** MOUNT_ATTR_* of every mount of a recursive bind (rro, rnosuid, …). */
  recursiveSet: bigint
  /** MS_SHARED … with MS_REC; 0 leaves the propagation alone. */
  propagation: bigint
  /** What only the file system knows: `size=64m`, `mode=1777`. */
  data: string[]
}

const SET: Record<string, bigint> = {
  ro: MOUNT_ATTR.RDONLY,
  nosuid: MOUNT_ATTR.NOSUID,
  nodev: MOUNT_ATTR.NODEV,
  noexec: MOUNT_ATTR.NOEXEC,
  nodiratime: MOUNT_ATTR.NODIRATIME,
  nosymfollow: MOUNT_ATTR.NOSYMFOLLOW,
}

const CLEAR: Record<string, bigint> = {
  rw: MOUNT_ATTR.RDONLY,
  suid: MOUNT_ATTR.NOSUID,
  dev: MOUNT_ATTR.NODEV,
  exec: MOUNT_ATTR.NOEXEC,
  diratime: MOUNT_ATTR.NODIRATIME,
  symfollow: MOUNT_ATTR.NOSYMFOLLOW,
}

/** Access time is one field with three values. */
const ACCESS_TIME: Record<string, bigint> = {
  relatime: 0n,
  noatime: MOUNT_ATTR.NOATIME,
  strictatime: MOUNT_ATTR.STRICTATIME,
  atime: 0n,
  norelatime: 0n,
  nostrictatime: 0n,
}

const RECURSIVE_SET: Record<string, bigint> = {
  rro: MOUNT_ATTR.RDONLY,
  rnosuid: MOUNT_ATTR.NOSUID,
  rnodev: MOUNT_ATTR.NODEV,
  rnoexec: MOUNT_ATTR.NOEXEC,
  rnodiratime: MOUNT_ATTR.NODIRATIME,
  rnoatime: MOUNT_ATTR.NOATIME,
  rstrictatime: MOUNT_ATTR.STRICTATIME,
  rnosymfollow: MOUNT_ATTR.NOSYMFOLLOW,
}

const PROPAGATION: Record<string, number> = {
  shared: MS.SHARED,
  slave: MS.SLAVE,
  private: MS.PRIVATE,
  unbindable: MS.UNBINDABLE,
  rshared: MS.SHARED | MS.REC,
  rslave: MS.SLAVE | MS.REC,
  rprivate: MS.PRIVATE | MS.REC,
  runbindable: MS.UNBINDABLE | MS.REC,
}

const IGNORED = new Set(['defaults', 'async', 'nomand', 'nolazytime', 'norelatime', 'loud'])
const REFUSED = new Set(['idmap', 'ridmap', 'tmpcopyup', 'copy-symlink', 'remount'])

export function parseMountOptions(destination: string, options: readonly string[]): MountAttributes {
  const result: MountAttributes = {
    bind: false,
    recursive: false,
    set: 0n,
    clear: 0n,
    recursiveSet: 0n,
    propagation: 0n,
    data: [],
  }
  for (const option of options) applyOption(result, option, destination)
  return result
}

function applyOption(result: MountAttributes, option: string, destination: string): void {
  if (REFUSED.has(option)) {
    throw new EngineError('not-supported', `mount ${destination}: option '${option}' is not supported here`, {
      destination,
      option,
    })
  }
  if (option === 'bind' || option === 'rbind') {
    result.bind = true
    result.recursive = option === 'rbind'
  } else if (option in SET) {
    result.set |= SET[option]!
    result.clear &= ~SET[option]!
  } else if (option in CLEAR) {
    result.clear |= CLEAR[option]!
    result.set &= ~CLEAR[option]!
  } else if (option in ACCESS_TIME) {
    result.set = (result.set & ~MOUNT_ATTR.ATIME) | ACCESS_TIME[option]!
    result.clear |= MOUNT_ATTR.ATIME
  } else if (option in RECURSIVE_SET) {
    result.recursiveSet |= RECURSIVE_SET[option]!
  } else if (option in PROPAGATION) {
    result.propagation = BigInt(PROPAGATION[option]!)
  } else if (!IGNORED.has(option)) {
    result.data.push(option)
  }
}

/** `linux.rootfsPropagation` as MS_* flags; `undefined` when the name is none of the four (with or without `r`). */
export function propagationFlags(name: string): bigint | undefined {
  const flags = PROPAGATION[name]
  return flags === undefined ? undefined : BigInt(flags)
}
