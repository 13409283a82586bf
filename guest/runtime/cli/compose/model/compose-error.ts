/** A refusal of `docker compose`, in the words and with the exit code of the original (pkg/compose/errors.go). */
import { CliError } from '../../shared/cli-error.ts'

export const EXIT = {
  notFound: 14,
  parse: 15,
  syntax: 16,
  build: 17,
  pull: 18,
  cancelled: 130,
} as const

/** A fault of a compose file; loading turns it into the exit code of its kind. */
export class ModelError extends Error {
  override readonly name = 'ModelError'
  readonly exitCode: number

  constructor(message: string, exitCode: number = EXIT.parse) {
    super(message)
    this.exitCode = exitCode
  }
}

/** The definition contradicts itself. */
export const invalidProject = (message: string): ModelError =>
  new ModelError(`${message}: invalid compose project`)

export const fileNotFound = (path: string): ModelError =>
  new ModelError(`open ${path}: no such file or directory`, EXIT.notFound)

/** Errors of a model end as the command's refusal; anything else passes. */
export function asCliError(error: unknown): unknown {
  return error instanceof ModelError ? new CliError(error.message, error.exitCode) : error
}
