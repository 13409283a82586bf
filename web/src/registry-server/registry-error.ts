import { EngineError, HTTP_STATUS } from '../../../guest/protocol/errors.ts'
import { answerJson, type RegistryResponse } from './registry-messages.ts'

/**
 * Error codes with their statuses and default sentences:
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#error-codes; the sentences are
 * github.com/distribution/distribution's (registry/api/errcode, registry/api/v2).
 */
const CODES = {
  BLOB_UNKNOWN: [404, 'blob unknown to registry'],
  BLOB_UPLOAD_INVALID: [400, 'blob upload invalid'],
  BLOB_UPLOAD_UNKNOWN: [404, 'blob upload unknown to registry'],
  DIGEST_INVALID: [400, 'provided digest did not match uploaded content'],
  MANIFEST_BLOB_UNKNOWN: [400, 'blob unknown to registry'],
  MANIFEST_INVALID: [400, 'manifest invalid'],
  MANIFEST_UNKNOWN: [404, 'manifest unknown'],
  NAME_INVALID: [400, 'invalid repository name'],
  NAME_UNKNOWN: [404, 'repository name not known to registry'],
  PAGINATION_NUMBER_INVALID: [400, 'invalid number of results requested'],
  RANGE_INVALID: [416, 'invalid content range'],
  SIZE_INVALID: [400, 'provided length did not match content length'],
  TAG_INVALID: [400, 'manifest tag did not match URI'],
  UNSUPPORTED: [405, 'The operation is unsupported.'],
  UNAVAILABLE: [503, 'service unavailable'],
  UNKNOWN: [500, 'unknown error'],
} as const satisfies Record<string, readonly [status: number, message: string]>

export type RegistryErrorCode = keyof typeof CODES

export class RegistryError extends Error {
  override readonly name = 'RegistryError'
  readonly code: RegistryErrorCode
  readonly status: number
  readonly detail: unknown
  readonly headers: Record<string, string>

  constructor(
    code: RegistryErrorCode,
    detail?: unknown,
    options: { status?: number; headers?: Record<string, string> } = {},
  ) {
    super(CODES[code][1])
    this.code = code
    this.status = options.status ?? CODES[code][0]
    this.detail = detail
    this.headers = options.headers ?? {}
  }
}

export function errorAnswer(thrown: unknown): RegistryResponse {
  if (thrown instanceof RegistryError) {
    const { code, status, message, detail, headers } = thrown
    return answerJson(
      status,
      { errors: [{ code, message, ...(detail !== undefined && { detail }) }] },
      headers,
    )
  }
  const { code, message } = EngineError.from(thrown)
  const named = code === 'unavailable' || code === 'exhausted' ? 'UNAVAILABLE' : 'UNKNOWN'
  return answerJson(HTTP_STATUS[code], { errors: [{ code: named, message }] })
}
