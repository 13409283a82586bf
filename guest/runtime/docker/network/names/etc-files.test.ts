import { describe, expect, test } from 'vitest'
import { hostsFile, parseResolvConf, resolvConfFile } from './etc-files.ts'

const hosts = {
  hostname: 'abc',
  domainname: '',
  extraHosts: [],
  hostGateway: '172.17.0.1',
  addresses: [],
  links: [],
}

const LOCAL =
  '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::\tip6-localnet\n' +
  'ff00::\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n'

describe('/etc/hosts', () => {
  test('has localhost, extra hosts, the container’s own addresses and links, in this order', () => {
    const extraHosts = ['db:10.0.0.5', 'host.docker.internal:host-gateway']
    const links = [{ address: '172.17.0.3', names: ['alias', 'other'] }]
    expect(hostsFile({ ...hosts, extraHosts, links, addresses: ['172.17.0.2', 'fd00::2'] })).toBe(
      `${LOCAL}10.0.0.5\tdb\n172.17.0.1\thost.docker.internal\n` +
        '172.17.0.2\tabc\nfd00::2\tabc\n172.17.0.3\talias other\n',
    )
  })

  test('names the domain first', () => {
    const text = hostsFile({ ...hosts, domainname: 'example.org', addresses: ['172.17.0.2'] })
    expect(text).toContain('172.17.0.2\tabc.example.org abc\n')
    const dotted = hostsFile({ ...hosts, hostname: 'abc.example.org', addresses: ['172.17.0.2'] })
    expect(dotted).toContain('172.17.0.2\tabc.example.org abc\n')
  })

  test('refuses an extra host without an address', () => {
    expect(() => hostsFile({ ...hosts, extraHosts: ['db'] })).toThrow('bad format for add-host: "db"')
  })
})

describe('/etc/resolv.conf', () => {
  const host = parseResolvConf(
    '# x\nnameserver 10.0.2.3\nnameserver 1.1.1.1 ; y\nsearch a b\noptions rotate\n',
  )
  const input = { host, dns: [], dnsSearch: [], dnsOptions: [], embedded: false }

  test('of the guest is read by resolv.conf(5)', () => {
    expect(host).toEqual({ nameservers: ['10.0.2.3', '1.1.1.1'], search: ['a', 'b'], options: ['rotate'] })
  })

  test('on the default bridge is the guest’s', () => {
    expect(resolvConfFile(input)).toContain(
      "\nnameserver 10.0.2.3\nnameserver 1.1.1.1\nsearch a b\noptions rotate\n\n# Based on host file: '/etc/resolv.conf' (legacy)\n# Overrides: []\n",
    )
  })

  test('on a user-defined network names the embedded server', () => {
    expect(resolvConfFile({ ...input, embedded: true })).toContain(
      "\nnameserver 127.0.0.11\nsearch a b\noptions rotate ndots:0\n\n# Based on host file: '/etc/resolv.conf' (internal resolver)\n# ExtServers: [10.0.2.3 1.1.1.1]\n# Overrides: []\n# Option ndots from: internal\n",
    )
  })

  test('takes --dns, --dns-search and --dns-option over the guest’s', () => {
    const text = resolvConfFile({ ...input, dns: ['9.9.9.9'], dnsSearch: ['.'], dnsOptions: ['ndots:2'] })
    expect(text).toContain('\nnameserver 9.9.9.9\noptions ndots:2\n')
    expect(text).not.toContain('\nsearch ')
    expect(text).toContain('# Overrides: [nameservers search options]')
  })

  test('falls back to dockerd’s servers', () => {
    const text = resolvConfFile({ ...input, host: parseResolvConf('') })
    expect(text).toContain('nameserver 8.8.8.8\nnameserver 8.8.4.4\n')
    expect(text).toContain('# Used default nameservers.')
  })
})
