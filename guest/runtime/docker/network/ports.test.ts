import { describe, expect, test } from 'vitest'
import type { PortMap } from '../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../protocol/errors.ts'
import type { Family } from './address/ip-address.ts'
import { allocatePorts, portMap, portRequests } from './ports.ts'

const BOTH: Family[] = [4, 6]
const requests = (
  bindings: PortMap,
  families = BOTH,
  { exposed = [] as string[], publishAll = false, defaultHostAddress = '0.0.0.0' } = {},
) => portRequests(bindings, exposed, publishAll, { families, defaultHostAddress })

describe('bindings', () => {
  test('without a host address are for all addresses of both families; ports are in order', () => {
    const bindings = {
      '80/tcp': [{ HostIp: '', HostPort: '8080' }],
      '53/udp': [{ HostIp: '127.0.0.1', HostPort: '5353' }],
    }
    expect(requests(bindings)).toEqual([
      { port: 53, protocol: 'udp', hostAddresses: ['127.0.0.1'], from: 5353, to: 5353 },
      { port: 80, protocol: 'tcp', hostAddresses: ['0.0.0.0', '::'], from: 8080, to: 8080 },
    ])
  })

  test('take the network’s binding address, of its family alone', () => {
    const bindings = { '80/tcp': [{ HostIp: '', HostPort: '' }] }
    const at = (defaultHostAddress: string, families = BOTH) =>
      requests(bindings, families, { defaultHostAddress }).map(({ hostAddresses }) => hostAddresses)
    expect(at('127.0.0.1')).toEqual([['127.0.0.1']])
    expect(at('::1')).toEqual([['::1']])
    expect(at('0.0.0.0', [6])).toEqual([['::']])
    expect(at('127.0.0.1', [6])).toEqual([])
  })

  test('that differ in their host address get one host port', () => {
    const bindings = { '80/tcp': ['::1', '127.0.0.1'].map((HostIp) => ({ HostIp, HostPort: '' })) }
    expect(requests(bindings)).toMatchObject([{ hostAddresses: ['::1', '127.0.0.1'] }])
    const [v6, v4] = allocatePorts(requests(bindings), [])
    expect(v6).toEqual({ ...v4, hostAddress: '::1' })
  })

  test('of one port come before those of a range, in which it may lie', () => {
    const bindings = {
      '80/tcp': [{ HostIp: '', HostPort: '8000-8001' }],
      '443/tcp': [{ HostIp: '', HostPort: '8000' }],
    }
    expect(allocatePorts(requests(bindings), []).map(({ port, hostPort }) => [port, hostPort])).toEqual([
      [443, 8000],
      [443, 8000],
      [80, 8001],
      [80, 8001],
    ])
  })

  test('that are wrong are refused', () => {
    const wrong = (key: string, HostIp: string, HostPort: string) => () =>
      requests({ [key]: [{ HostIp, HostPort }] })
    expect(wrong('80/tcp', 'localhost', '')).toThrow('invalid IP address: localhost')
    expect(wrong('80/tcp', '', '9-8')).toThrow(EngineError)
    expect(wrong('80/icmp', '', '1')).toThrow('invalid proto: icmp')
    expect(wrong('0/tcp', '', '1')).toThrow(EngineError)
  })

  test('of all exposed ports leave those alone that are bound already', () => {
    const bindings = { '80/tcp': [{ HostIp: '', HostPort: '8080' }] }
    const exposed = ['80/tcp', '443', '443/tcp']
    const made = requests(bindings, BOTH, { exposed, publishAll: true })
    expect(made.map(({ port, from }) => [port, from])).toEqual([
      [80, 8080],
      [443, 0],
    ])
  })
})

describe('host ports', () => {
  const tcp = (hostPort: number, hostAddress = '0.0.0.0') => ({
    protocol: 'tcp' as const,
    hostPort,
    hostAddress,
  })
  const want = (from: number, to = from, ...hostAddresses: string[]) => ({
    protocol: 'tcp' as const,
    port: 80,
    hostAddresses: hostAddresses.length > 0 ? hostAddresses : ['0.0.0.0'],
    from,
    to,
  })

  test('that are taken are refused with Docker’s sentence', () => {
    expect(() => allocatePorts([want(8080)], [tcp(8080)])).toThrow(
      'Bind for 0.0.0.0:8080 failed: port is already allocated',
    )
  })

  test('clash between one address and all addresses, but not between two addresses or protocols', () => {
    expect(() => allocatePorts([want(80, 80, '127.0.0.1')], [tcp(80)])).toThrow('Bind for 127.0.0.1:80')
    expect(() => allocatePorts([want(80)], [tcp(80, '127.0.0.1')])).toThrow('Bind for 0.0.0.0:80')
    expect(allocatePorts([want(80, 80, '127.0.0.1')], [tcp(80, '127.0.0.2')])).toHaveLength(1)
    expect(allocatePorts([want(80)], [{ ...tcp(80), protocol: 'udp' }])).toHaveLength(1)
  })

  test('of one family do not clash with the other’s, but both must be free', () => {
    expect(allocatePorts([want(80, 80, '::')], [tcp(80)])).toHaveLength(1)
    expect(() => allocatePorts([want(80, 80, '0.0.0.0', '::')], [tcp(80, '::1')])).toThrow(
      'Bind for :::80 failed: port is already allocated',
    )
    const both = want(8000, 8001, '0.0.0.0', '::')
    expect(allocatePorts([both], [tcp(8000, '::')]).map(({ hostPort }) => hostPort)).toEqual([8001, 8001])
  })

  test('of a range are the first free one, and none when all are taken', () => {
    expect(allocatePorts([want(8000, 8002)], [tcp(8000)])[0]!.hostPort).toBe(8001)
    const taken = [tcp(8000), tcp(8001), tcp(8002)]
    expect(() => allocatePorts([want(8000, 8002)], taken)).toThrow('all ports are allocated')
  })

  test('without a wish begin at 32768, go on from the last and wrap around', () => {
    expect(allocatePorts([want(0), want(0)], [])).toMatchObject([{ hostPort: 32768 }, { hostPort: 32769 }])
    expect(allocatePorts([want(0)], [], 40000)[0]!.hostPort).toBe(40000)
    expect(allocatePorts([want(0), want(0)], [], 60999)).toMatchObject([
      { hostPort: 60999 },
      { hostPort: 32768 },
    ])
  })

  test('asked for twice by one container are refused', () => {
    expect(() => allocatePorts([want(8080), want(8080)], [])).toThrow('already allocated')
  })
})

test('the port map shows published ports, and exposed ones as null', () => {
  const published = ['0.0.0.0', '::'].map((hostAddress) => ({
    protocol: 'tcp' as const,
    port: 80,
    hostAddress,
    hostPort: 8080,
  }))
  expect(portMap(published, ['80/tcp', '443/tcp'])).toEqual({
    '80/tcp': [
      { HostIp: '0.0.0.0', HostPort: '8080' },
      { HostIp: '::', HostPort: '8080' },
    ],
    '443/tcp': null,
  })
})
