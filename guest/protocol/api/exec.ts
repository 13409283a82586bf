/** Engine API 1.51, tag Exec. */

export interface ExecCreateRequest {
  AttachStdin?: boolean
  AttachStdout?: boolean
  AttachStderr?: boolean
  /** Rows, columns. */
  ConsoleSize?: [number, number] | null
  DetachKeys?: string
  Tty?: boolean
  Env?: string[] | null
  Cmd?: string[]
  Privileged?: boolean
  User?: string
  WorkingDir?: string
}

export interface ExecStartRequest {
  Detach?: boolean
  Tty?: boolean
  /** Rows, columns. */
  ConsoleSize?: [number, number] | null
}

export interface ExecInspect {
  ID: string
  Running: boolean
  ExitCode: number | null
  ProcessConfig: {
    tty: boolean
    entrypoint: string
    arguments: string[]
    privileged: boolean
    user?: string
  }
  OpenStdin: boolean
  OpenStderr: boolean
  OpenStdout: boolean
  CanRemove: boolean
  /** Empty for a process of the guest itself (/porthole/exec). */
  ContainerID: string
  DetachKeys: string
  Pid: number
}
