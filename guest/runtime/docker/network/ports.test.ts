import { describe, expect, test } from 'vitest'
import { EngineError } from '../../../protocol/errors.ts'
import { parseAddress } from './address/ipv4.ts'
import { allocatePorts, portMap, portRequests } from './ports.ts'

const requests = (...args: Parameters<typeof portRequests>) => portRequests(...args)
const loopback = parseAddress('127.0.0.1')!

describe('bindings', () => {
  test('keep host address and port, and default to the network’s binding address', () => {
    const bindings = {
      '80/tcp': [{ HostIp: '', HostPort: '8080' }],
      '53/udp': [{ HostIp: '127.0.0.1', HostPort: '5353' }],
    }
    expect(requests(bindings, [], false, 0)).toEqual([
      { port: 53, protocol: 'udp', hostAddress: loopback, from: 5353, to: 5353 },
      { port: 80, protocol: 'tcp', hostAddress: 0, from: 8080, to: 8080 },
    ])
  })

  test('of IPv6 addresses are passed over, wrong ones are refused', () => {
    expect(requests({ '80/tcp': [{ HostIp: '::', HostPort: '8080' }] }, [], false, 0)).toEqual([])
    const wrong = { '80/tcp': [{ HostIp: 'localhost', HostPort: '' }] }
    expect(() => requests(wrong, [], false, 0)).toThrow('invalid IP address: localhost')
    expect(() => requests({ '80/tcp': [{ HostIp: '', HostPort: '9-8' }] }, [], false, 0)).toThrow(EngineError)
    expect(() => requests({ '80/icmp': [{ HostIp: '', HostPort: '1' }] }, [], false, 0)).toThrow(
      'invalid proto: icmp',
    )
    expect(() => requests({ '0/tcp': [{ HostIp: '', HostPort: '1' }] }, [], false, 0)).toThrow(EngineError)
  })

  test('of all exposed ports leave those alone that are bound already', () => {
    const bindings = { '80/tcp': [{ HostIp: '', HostPort: '8080' }] }
    const made = requests(bindings, ['80/tcp', '443', '443/tcp'], true, 0)
    expect(made.map(({ port, from }) => [port, from])).toEqual([
      [80, 8080],
      [443, 0],
    ])
  })
})

describe('host ports', () => {
  const tcp = (hostPort: number, hostAddress = 0) => ({ protocol: 'tcp' as const, hostPort, hostAddress })
  const want = (from: number, to = from, hostAddress = 0) => ({ ...tcp(0, hostAddress), port: 80, from, to })

  test('that are taken are refused with Docker’s sentence', () => {
    expect(() => allocatePorts([want(8080)], [tcp(8080)])).toThrow(
      'Bind for 0.0.0.0:8080 failed: port is already allocated',
    )
  })

  test('clash between one address and all addresses, but not between two addresses or protocols', () => {
    expect(() => allocatePorts([want(80, 80, loopback)], [tcp(80)])).toThrow('Bind for 127.0.0.1:80')
    expect(() => allocatePorts([want(80)], [tcp(80, loopback)])).toThrow('Bind for 0.0.0.0:80')
    expect(allocatePorts([want(80, 80, loopback)], [tcp(80, 5)])).toHaveLength(1)
    expect(allocatePorts([want(80)], [{ ...tcp(80), protocol: 'udp' }])).toHaveLength(1)
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
  const published = [{ protocol: 'tcp' as const, port: 80, hostAddress: 0, hostPort: 8080 }]
  expect(portMap(published, ['80/tcp', '443/tcp'])).toEqual({
    '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '8080' }],
    '443/tcp': null,
  })
})
