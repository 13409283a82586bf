/** Reads EXPOSE's ports: `80`, `80/udp`, `8000-8010`, and the address forms that Docker takes too (go-connections, nat). */
import { EngineError } from '../../../../protocol/errors.ts'

const invalid = (message: string) => new EngineError('invalid', message)

const PROTOCOLS: ReadonlySet<string> = new Set(['tcp', 'udp', 'sctp'])

function range(text: string, what: string): [number, number] {
  const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? []
  const ends: [number, number] = [Number(first), Number(last)]
  if (first === undefined || ends[0] > ends[1] || ends[1] > 65535) throw invalid(`invalid ${what}: ${text}`)
  return ends
}

/** The ports that one word of EXPOSE names, each as `80/tcp`. */
export function exposedPorts(spec: string): string[] {
  const parts = spec.split(':')
  const [port = '', protocol = ''] = parts.at(-1)!.split('/')
  if (port === '') throw invalid(`no port specified: ${spec}<empty>`)
  const [first, last] = range(port, 'containerPort')
  const host = parts.at(-2)
  if (host) {
    const [hostFirst, hostLast] = range(host, 'hostPort')
    if (last - first !== hostLast - hostFirst && first !== last)
      throw invalid(`invalid ranges specified for container and host Ports: ${port} and ${host}`)
  }
  const proto = protocol.toLowerCase() || 'tcp'
  if (!PROTOCOLS.has(proto)) throw invalid(`invalid proto: ${protocol}`)
  return Array.from({ length: last - first + 1 }, (_, index) => `${first + index}/${proto}`)
}
