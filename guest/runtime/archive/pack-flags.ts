/** Flags of the launcher's archive steps: guest/launcher/ops.json, `tar-pack` and `tar-unpack`. */
export const PACK = {
  /** The packed directory's own header, not its members' alone. */
  top: 1,
  /** The directory is an overlay's upper one. */
  upper: 2,
} as const
