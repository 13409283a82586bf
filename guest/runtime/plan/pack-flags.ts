/** Flags of the launcher's archive steps: guest/native/launcher/ops.json, `tar-pack` and `tar-unpack`. */
export const PACK = {
  /** The packed directory's own header, not its members' alone. */
  top: 1,
  /** The directory is an overlay's upper one. */
  upper: 2,
  /** What is excluded stays out with all that is in it; otherwise only what is empty does. */
  omit: 4,
} as const

export const UNPACK = {
  /** A directory is not replaced by anything else, nor anything else by a directory (EISDIR, EEXIST). */
  keepKinds: 1,
  /** All belongs to the step's `uid` and `gid`. */
  owner: 2,
  /** All files and directories get the step's `mode`. */
  mode: 4,
  /** All belongs to whom the plan's `resolve-user` found. */
  user: 8,
  /** The slot is a directory of the caller and no file system's root: names must not climb from it (EXDEV). */
  below: 16,
} as const
