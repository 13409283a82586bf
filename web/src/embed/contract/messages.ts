/**
 * What a page and the lab that it frames say to each other. Version 1 of a contract with other people's pages.
 *
 * The frame says hello to its parent, the parent answers with a MessagePort, and everything else goes over that port:
 * calls and their answers, and what the frame tells by itself. Both ends take what comes from the other for `unknown`.
 */
import { ERROR_CODES, type ErrorCode } from '../../../../guest/protocol/errors.ts'
import { isRecord } from '../../../../guest/protocol/wire/is-record.ts'

export const EMBED_VERSION = 1

/** From the frame to its parent, whoever that is. */
export const HELLO = { porthole: EMBED_VERSION, type: 'hello' } as const
/** The answer, which brings the port. */
export const CONNECT = { porthole: EMBED_VERSION, type: 'connect' } as const

/** Reads the version of a hello or a connect; undefined for a message of someone else. */
export function versionOf(message: unknown, type: 'hello' | 'connect'): number | undefined {
  if (!isRecord(message) || message.type !== type) return undefined
  return typeof message.porthole === 'number' ? message.porthole : undefined
}

export interface LabError {
  code: ErrorCode
  message: string
}

/** What the frame tells by itself. */
export interface LabEvents {
  /** The machine runs and answers calls; `elapsed` in milliseconds. */
  booted: { elapsed: number; restored: boolean }
  /** A task of the lesson is done. */
  task: { lesson: string; task: string }
  /** The machine could not be started, or has stopped. */
  error: LabError
  /** The height that the content would have, in CSS pixels. */
  height: { height: number }
  /** The reader pressed the key that leaves the terminal. */
  leave: Record<string, never>
}

export type LabEventName = keyof LabEvents

const EVENT_NAMES: Record<LabEventName, true> = {
  booted: true,
  task: true,
  error: true,
  height: true,
  leave: true,
}

/** From the page to the frame. */
export interface CallMessage {
  id: number
  call: string
  args: unknown[]
}

/** From the frame to the page; `id` is null for a message that was no call. */
export type FrameMessage =
  | { id: number; result: unknown }
  | { id: number | null; error: LabError }
  | { [Name in LabEventName]: { event: Name; detail: LabEvents[Name] } }[LabEventName]

/** A message of the frame, as far as its form goes; undefined for anything else. */
export function parseFrameMessage(message: unknown): FrameMessage | undefined {
  if (!isRecord(message)) return undefined
  if (typeof message.event === 'string')
    return Object.hasOwn(EVENT_NAMES, message.event) && isRecord(message.detail)
      ? (message as unknown as FrameMessage)
      : undefined
  if ('error' in message && (message.id === null || typeof message.id === 'number'))
    return isLabError(message.error) ? (message as unknown as FrameMessage) : undefined
  return typeof message.id === 'number' && 'result' in message
    ? (message as unknown as FrameMessage)
    : undefined
}

function isLabError(error: unknown): error is LabError {
  return (
    isRecord(error) && typeof error.message === 'string' && ERROR_CODES.some((code) => code === error.code)
  )
}
