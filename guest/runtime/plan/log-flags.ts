/** Flags of the launcher's step `log-read`: guest/native/launcher/ops.json. */
export const LOG_READ = {
  stdout: 1,
  stderr: 2,
  /** Each line after its time. */
  timestamps: 4,
  /** In frames of Docker's multiplexed stream. */
  multiplex: 8,
  /** Lines of one stream that follow each other share a frame. */
  share: 16,
  /** Goes on as the log grows, until the plan's input ends. */
  follow: 32,
  /** Of the last `tail` lines only. */
  tail: 64,
} as const
