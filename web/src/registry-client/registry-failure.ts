import { EngineError } from '../../../guest/protocol/errors.ts'
import { isRecord } from '../../../guest/protocol/wire/is-record.ts'
import type { ErrorCode } from '../../../guest/protocol/errors.ts'

/** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes */
export interface RegistryReason {
  /** Empty when the registry gives none. */
  code: string
  /** `manifest unknown: manifest unknown`, as Docker prints it. */
  message: string
}

export async function registryReason(response: Response): Promise<RegistryReason> {
  const given = reasonIn(await response.text().catch(() => ''))
  return given ?? { code: '', message: response.statusText || 'the registry gives no reason' }
}

function reasonIn(text: string): RegistryReason | undefined {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return undefined // A proxy's page, for instance, holds no reason of the registry's.
  }
  const first: unknown = isRecord(body) && Array.isArray(body.errors) ? body.errors[0] : undefined
  if (!isRecord(first) || typeof first.code !== 'string') return undefined
  const words = first.code.toLowerCase().replaceAll('_', ' ')
  return {
    code: first.code,
    message: typeof first.message === 'string' ? `${words}: ${first.message}` : words,
  }
}

const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
  405: 'not-supported',
  413: 'too-large',
}

/** Docker's words for a registry, or a HEAD request, that gives no reason. */
const WORDS_OF_STATUS: Readonly<Record<number, string>> = {
  401: 'unauthorized: authentication required',
  403: 'denied: requested access to the resource is denied',
}

/**
 * Makes an error of a refusal, in the registry's own words. @param what the request, for registries that give no reason
 */
export async function registryFailure(
  response: Response,
  domain: string,
  what: string,
): Promise<EngineError> {
  const { status } = response
  const { code, message } = await registryReason(response)
  const fallback = WORDS_OF_STATUS[status] ?? `${domain} answered ${status} to ${what}: ${message}`
  const words = code === '' ? fallback : message
  return new EngineError(CODE_OF_STATUS[status] ?? 'unavailable', words, { status, registry: domain, code })
}
