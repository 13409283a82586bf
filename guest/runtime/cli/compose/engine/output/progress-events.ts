/** Progress of the work of `docker compose`: the events, and what takes them. */

export type EventStatus = 'working' | 'done' | 'warning' | 'error'

export interface ProgressEvent {
  /** `Container app-web-1`. */
  id: string
  /** The id of the object that this one is part of, such as the service whose image is pulled. */
  parent?: string
  text?: string
  status: EventStatus
  /** `Creating`, `Created` … */
  statusText?: string
  /** Bytes of a download so far. */
  current?: number
  total?: number
  percent?: number
}

export interface Progress {
  event(event: ProgressEvent): void
  /** Prints a line after everything else. */
  tail(message: string): void
  /** While `more` is true a `done` event shows as `working`, because more work follows. */
  hasMore(more: boolean): void
  end(): Promise<void>
}

export const working = (id: string, statusText: string): ProgressEvent => ({
  id,
  status: 'working',
  statusText,
})
export const done = (id: string, statusText: string): ProgressEvent => ({ id, status: 'done', statusText })
export const failed = (id: string, statusText = 'Error'): ProgressEvent => ({
  id,
  status: 'error',
  statusText,
})
export const warned = (id: string, statusText: string): ProgressEvent => ({
  id,
  status: 'warning',
  statusText,
})
