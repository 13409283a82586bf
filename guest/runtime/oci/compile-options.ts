/** What a plan needs beside the OCI configuration: where this engine keeps things. */
import type { Step } from '../plan/plan.ts'

export interface OverlayRoot {
  /** Topmost layer first, absolute paths. */
  lower: readonly string[]
  /** On a file system that takes trusted.* xattrs and is no overlay: /var/lib/docker. Both are made when missing. */
  upper: string
  work: string
}

export interface CompileOptions {
  /** Container id; names the shim's socket and exit record under `shimDir`. */
  id: string
  /** The root file system: an overlay mounted in the container's own mount namespace, or a directory of the guest. */
  root: { overlay: OverlayRoot } | { directory: string }
  /** An existing or missing directory of the guest on which every container, in its own mount namespace, mounts its root. */
  rootMountPoint?: string
  /**
   * Absolute, e.g. /sys/fs/cgroup/docker/<id>. The shim makes it before and removes it after; without it, its own
   * cgroup serves.
   */
  cgroupPath?: string
  shimDir: string
  logPath?: string
  logMaxBytes?: number
  stdin?: boolean
  stdinOnce?: boolean
  /** See PlanIo.holdOutput. */
  holdOutput?: boolean | number
  /** The process is set up but does not execute before `Shim.start()`. */
  waitForStart?: boolean
  /** Relay 127.0.0.11:53 of the container's network namespace to `Shim.onDnsQuery`. The loopback interface is up. */
  dnsListener?: boolean
  /** Make a missing working directory, as Docker does. */
  createCwd?: boolean
  /** Bundle directory, for the state that hooks get on stdin. */
  bundle?: string
  /** The shim does this first: what the container needs and its configuration names, such as its network namespace. */
  setUp?: readonly Step[]
  /** The shim does this last, also after a start that failed, and whether or not it had come to `setUp`. */
  tearDown?: readonly Step[]
  consoleSize?: { columns: number; rows: number }
}

/** A container's first process, for plans that join it. */
export interface ProcessIdentity {
  pid: number
  /** Clock ticks since boot, field 22 of /proc/PID/stat. */
  startTime: number
}

export interface ExecOptions {
  /** Exec id. */
  id: string
  container: ProcessIdentity
  cgroupPath?: string
  shimDir: string
  logPath?: string
  stdin?: boolean
  stdinOnce?: boolean
  /** See PlanIo.holdOutput. */
  holdOutput?: boolean | number
  consoleSize?: { columns: number; rows: number }
}

/** A process of the guest itself on a pty or pipes: the page's terminals. */
export interface TerminalOptions {
  id: string
  /** Absolute, and there: it is no process's own, and stays. Without it, the shim's serves. */
  cgroupPath?: string
  shimDir: string
  argv: readonly string[]
  env: readonly string[]
  cwd: string
  stdin?: boolean
  terminal?: boolean
  consoleSize?: { columns: number; rows: number }
}
