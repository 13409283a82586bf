/**
 * JSON types of the Docker Engine API 1.51, as the engine answers them and clients send them.
 * Source: https://docs.docker.com/reference/api/engine/version/v1.51/ (names and spelling are Docker's).
 * Absent optional fields mean Docker's default. Times are RFC 3339 with nanoseconds unless a field says seconds.
 */
export type * from './container-config.ts'
export type * from './container.ts'
export type * from './exec.ts'
export type * from './image.ts'
export type * from './network.ts'
export * from './porthole.ts'
export type * from './stats.ts'
export type * from './system.ts'
export type * from './volume.ts'
export * from '../states/container-states.ts'

/** Newest and oldest API versions that the engine speaks. */
export const API_VERSION = '1.51'
export const MINIMUM_API_VERSION = '1.24'

/** Body of every failed request. */
export interface ApiErrorBody {
  message: string
}

/** `filters` after parsing: key → accepted values. On the wire it is JSON, `{"key":["a"]}` or `{"key":{"a":true}}`. */
export type Filters = Record<string, string[]>
