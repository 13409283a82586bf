/**
 * A caller in the guest may attach to a process by the socket of its shim, past the engine, which would only copy its bytes:
 * the command line hands the socket's path to the thin client (guest/native/docker-client/attach.c).
 */
export interface DirectTarget {
  /** Absolute path of the shim's socket. */
  path: string
  /** The client's input goes to the process. */
  stdin: boolean
  stdout: boolean
  stderr: boolean
  /** The end of the client's input ends the process's. */
  closeStdin: boolean
  /** The keys that leave the process running; empty for none. */
  detachKeys: Uint8Array
}

/** How it ended; `unreachable` when the shim has left. */
export type DirectEnd = 'output-ended' | 'detached' | 'unreachable'

/** Rejects when the client is lost. */
export type DirectAttach = (target: DirectTarget) => Promise<DirectEnd>
