import { describe, expect, it } from 'vitest'
import { parseGuestArguments } from './guest.ts'
import { publishedPorts } from './lib/machine/publish-ports.ts'

describe('npm run guest', () => {
  it('takes a shell command, with options before it', () => {
    expect(parseGuestArguments(['--cold', '--memory', '128', 'echo a | cat'])).toMatchObject({
      command: 'echo a | cat',
      cold: true,
      memory: 128,
    })
  })

  it.each([
    [[]],
    [['--socket', '/tmp/s', 'echo']],
    [['--publish', 'echo']],
    [['--memory', 'much', 'echo']],
    [['--take', '/tmp/t.tar', '--socket', '/tmp/s']],
    [['--nonsense', 'echo']],
  ])('refuses %j with its usage', (argv) => {
    expect(() => parseGuestArguments(argv)).toThrow(/usage: npm run -s guest/)
  })

  it('publishes the TCP ports that containers publish, once each', () => {
    const container = (Ports: unknown) => ({ Ports }) as Parameters<typeof publishedPorts>[0][number]
    const ports = publishedPorts([
      container([
        { Type: 'tcp', PrivatePort: 80, PublicPort: 8080, IP: '0.0.0.0' },
        { Type: 'tcp', PrivatePort: 80, PublicPort: 8080, IP: '::' },
        { Type: 'tcp', PrivatePort: 443 },
        { Type: 'udp', PrivatePort: 53, PublicPort: 53 },
      ]),
      container([]),
    ])
    expect([...ports]).toEqual([8080])
  })
})
