/** What the work of `docker compose` reports, and to what. */

export type EventStatus = 'working' | 'done' | 'warning' | 'error'

export interface ProgressEvent {
  /** `Container app-web-1`. */
  id: string
  /** The object that this is a part of: a service whose image is pulled. */
  parent?: string
  text?: string
  status: EventStatus
  /** `Creating`, `Created` … */
  statusText?: string
  /** Of a download, in bytes. */
  current?: number
  total?: number
  percent?: number
}

export interface Progress {
  event(event: ProgressEvent): void
  /** A line after everything else. */
  tail(message: string): void
  /** More follows: what is done isn't finished yet. */
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
