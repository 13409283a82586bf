/** The launcher's table of descriptors. */

/**
 * A descriptor slot, 0–31. Slots are filled by `open`, `open-process`; a child starts with copies of its parent's.
 * A path `at` a slot is resolved with openat2 RESOLVE_IN_ROOT below that descriptor: neither `..` nor a symlink leads out.
 */
export type Slot = number

export const SLOT = {
  /** Ordinary resolution of an absolute path in the caller's own root. */
  host: 255,
  /** The container's root directory, once mounted. */
  root: 0,
  /** pidfd of the container's first process, for an exec. */
  process: 1,
  /** Namespaces of the shim itself, to come back to. */
  ownNetwork: 2,
  ownPids: 3,
  ownIpc: 4,
  ownUts: 5,
  /** The container's root without what is mounted in it, for an exec. */
  bareRoot: 6,
  /** Where a bind mount comes from, for the time of its steps. */
  source: 7,
  /** Free for others (the network service's plans). */
  first: 8,
} as const satisfies Record<string, Slot>
