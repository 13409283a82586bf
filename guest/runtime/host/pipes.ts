/**
 * Named pipes between programs of the guest. The engine chooses the name; the reader makes the pipe, and takes the name away
 * once a writer has opened it.
 */
import { closeSync, constants, openSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import type { PipedBytes } from '../../protocol/api/piped-bytes.ts'
import { EngineError } from '../../protocol/errors.ts'
import { letGo } from '../../vocabulary/engine-client/body.ts'
import { ERRNO } from '../plan/errno.ts'

const EPIPE = ERRNO.EPIPE[0]
const NOBODY = new Set(['ENOENT', 'ENXIO'])

let pipes = 0

/** A name that no other pipe has, beside a socket of the engine. */
export const pipePath = (socket: string): string => `${dirname(socket)}/pipe-${process.pid}-${pipes++}`

export const brokenPipe = (): EngineError =>
  new EngineError('unavailable', 'nobody reads the pipe any more', { errno: EPIPE })

/** Whether something failed only because who should have read it had gone. */
export const isBrokenPipe = ({ details }: EngineError): boolean => details['errno'] === EPIPE

/** Gives a pipe's reader, when there is still one, its end in the place of a writer that may never have come. */
export function endPipe(path: string): void {
  try {
    closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK))
  } catch (thrown) {
    if (!NOBODY.has((thrown as NodeJS.ErrnoException).code ?? '')) throw EngineError.from(thrown)
  }
  forgetPipe(path)
}

/** Takes a pipe's name away that its reader may have left behind. */
export const forgetPipe = (path: string): void => rmSync(path, { force: true })

/** Lets a source go that nobody will read. Nobody waits for it, as its first bytes may be long in coming. */
export function abandon(bytes: PipedBytes): void {
  letGo(bytes).catch(() => undefined)
}
