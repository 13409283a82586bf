import type { StreamOpen } from './byte-stream.ts'
import type { ContentRequest } from '../api/content.ts'
import { EngineError } from '../errors.ts'
import { isRecord } from './is-record.ts'
import type { RegistryRequestHead } from '../api/registry.ts'
import type { VolumesRequest } from '../api/volumes.ts'

/**
 * Parses the payload of an open frame. It checks only the envelope of a content or volumes request; the service parses
 * its fields.
 */
export function parseStreamOpen(value: unknown): StreamOpen {
  if (!isRecord(value)) throw invalid(value)
  switch (value.service) {
    case 'engine':
      return { service: 'engine' }
    case 'tcp':
      return parseTcp(value)
    case 'content':
      return { service: 'content', request: parseCall(value) as unknown as ContentRequest }
    case 'volumes':
      return { service: 'volumes', request: parseCall(value) as unknown as VolumesRequest }
    case 'registry':
      return { service: 'registry', request: parseRegistryRequest(value.request, value) }
    default:
      throw invalid(value)
  }
}

function parseCall(open: Record<string, unknown>): Record<string, unknown> {
  if (!isRecord(open.request) || typeof open.request.call !== 'string') throw invalid(open)
  return open.request
}

function parseTcp(value: Record<string, unknown>): StreamOpen {
  const { port, host } = value
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65535) throw invalid(value)
  if (host === undefined) return { service: 'tcp', port }
  if (typeof host !== 'string') throw invalid(value)
  return { service: 'tcp', port, host }
}

function parseRegistryRequest(request: unknown, open: unknown): RegistryRequestHead {
  if (!isRecord(request) || !isRecord(request.headers)) throw invalid(open)
  const { method, url, headers } = request
  const texts = [method, url, ...Object.values(headers)]
  if (!texts.every((text) => typeof text === 'string')) throw invalid(open)
  return { method: method as string, url: url as string, headers: headers as Record<string, string> }
}

function invalid(value: unknown): EngineError {
  return new EngineError('invalid', `no service answers this stream: ${JSON.stringify(value)}`)
}
