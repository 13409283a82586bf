/** What a lab does for the page that frames it. The frame implements it, the page calls it over a port. */
import type { EmbedTheme } from './parameters.ts'

export interface LabExecResult {
  code: number
  stdout: string
  stderr: string
}

/** Every failure is an EngineError. */
export interface Lab {
  /** Runs a program as root, beside the terminals; in a container where one is named. */
  exec(argv: string[], container: string | undefined): Promise<LabExecResult>
  /** Puts text on the command line of the terminal with this position, from 0. */
  type(terminal: number, text: string): Promise<void>
  /** Types the lines, with Enter after each. */
  run(terminal: number, text: string): Promise<void>
  interrupt(terminal: number): Promise<void>
  read(path: string): Promise<Uint8Array>
  /** Writes a file of the guest, with the folders above it. */
  write(path: string, bytes: Uint8Array): Promise<void>
  /** As the Engine API has them: GET /containers/json and /containers/{id}/json. */
  list(): Promise<unknown[]>
  inspect(container: string): Promise<unknown>
  /** Opens a step of the lesson. */
  goto(step: string): Promise<void>
  /** Looks whether a task of the lesson is done. */
  check(task: string): Promise<boolean>
  /** The lesson from its start, or without one a new machine. */
  reset(): Promise<void>
  theme(theme: EmbedTheme): Promise<void>
  /** Stops the machine. @returns what its terminals show, as text */
  dispose(): Promise<string>
}

export type LabCall = keyof Lab
