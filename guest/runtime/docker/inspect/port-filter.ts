/** Reads the values of the filters `publish` and `expose`. Source: daemon/list.go, go-connections' nat/parse.go. */
import type { PortSummary } from '../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../protocol/errors.ts'

export interface PortRange {
  first: number
  last: number
  protocol: string
}

/** Reads a port as Go's strconv.ParseUint(text, 10, 16) does. */
function portNumber(text: string): number {
  const refuse = (reason: string) =>
    new Error(`strconv.ParseUint: parsing ${JSON.stringify(text)}: ${reason}`)
  if (!/^\d+$/.test(text)) throw refuse('invalid syntax')
  if (Number(text) > 0xffff) throw refuse('value out of range')
  return Number(text)
}

/**
 * Reads `80`, `80/udp`, `8000-9000/tcp`. Refusals have the sentences of daemon/list.go, `portOp`, which dockerd answers
 * with 500.
 */
export function portRange(filter: 'publish' | 'expose', value: string): PortRange {
  const refuse = (message: string) => new EngineError('internal', message, { [filter]: value })
  if (value.includes(':')) throw refuse(`filter for '${filter}' should not contain ':': ${value}`)
  const [ports = '', protocol = 'tcp'] = value.split('/')
  const [from = '', to] = ports.split('-')
  try {
    if (ports === '') throw new Error('empty string specified for ports')
    const [first, last] = [portNumber(from), portNumber(to ?? from)]
    if (last < first) throw new Error(`invalid range specified for port: ${ports}`)
    return { first, last, protocol }
  } catch (error) {
    throw refuse(`error while looking up for ${filter} ${value}: ${(error as Error).message}`)
  }
}

export const inRange = (
  ports: PortSummary[],
  side: 'PublicPort' | 'PrivatePort',
  range: PortRange,
): boolean =>
  ports.some((port) => {
    const number = port[side] ?? 0
    return number >= range.first && number <= range.last && port.Type === range.protocol
  })
