/** Compose files of what is taken along, as Debian's docker-compose v2 reads them: what a container was made with is there again. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ContainerCreateRequest } from '../../guest/protocol/api/engine-api.ts'
import { dockerCompose } from '../../scripts/lib/debian/docker-compose.ts'
import { planTake } from '../../web/src/take/take-plan.ts'
import { inventoryOf } from '../support/taken-inventory.ts'

let compose: string
let folder: string

beforeAll(async () => {
  compose = await dockerCompose()
  folder = await mkdtemp(join(tmpdir(), 'taken-'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

/** The services as the original understands them, with dollar signs as it writes them. */
async function understood(requests: Record<string, ContainerCreateRequest>): Promise<Record<string, object>> {
  const { composeYaml } = planTake(await inventoryOf(requests), { kind: 'running' })
  const file = join(folder, 'compose.yaml')
  await writeFile(file, composeYaml)
  const env = { HOME: '/root', PATH: '/usr/bin:/bin', VARIABLE: 'of the environment' }
  const { stdout, stderr } = await promisify(execFile)(compose, ['-f', file, 'config', '--format', 'json'], {
    env,
  })
  expect(stderr).toBe('')
  return (JSON.parse(stdout.replaceAll('$$', () => '$')) as { services: Record<string, object> }).services
}

const EVIL = [
  'a"b\'c`$VARIABLE ${VARIABLE:-y} $$ $\n- x: |\r\u2028\u0085\u007f\ufeff\ttab # {{.}} \\',
  ...[
    'yes',
    'null',
    '~',
    '',
    ' ',
    '0x10',
    '010',
    '1_000',
    '12:30:00',
    '2001-01-01',
    '<<',
    '=',
    '- a',
    'a: b',
  ],
  ...[
    '#',
    '&a',
    '*a',
    '!a',
    '@a',
    '|',
    '>',
    '---',
    '数据卷 😀',
    '$',
    '{',
    '[',
    '\n\n',
    '%',
    '.5',
    'n',
    'x-y',
  ],
]

test('texts of every kind come through', async () => {
  const Labels = Object.fromEntries(
    EVIL.filter((text) => text.trim() !== '' && text !== '=').map((text) => [text, text]),
  )
  const odd = { '=': '=', 'a=b': 'c' }
  const { web, other } = await understood({
    other: { Labels: odd },
    web: { Cmd: EVIL, Env: EVIL.map((text, index) => `V${index}=${text}`), Labels, Entrypoint: ['sh', '-c'] },
  })
  expect(web).toMatchObject({
    command: EVIL,
    entrypoint: ['sh', '-c'],
    environment: Object.fromEntries(EVIL.map((text, index) => [`V${index}`, text])),
    labels: Labels,
  })
  expect(other).toMatchObject({ labels: odd })
})

test('all that is written is understood', async () => {
  const MIB = 1024 * 1024
  const { web } = await understood({
    web: {
      ...{ User: '5:6', WorkingDir: '/w', Tty: true, OpenStdin: true },
      ...{ StopSignal: 'SIGINT', StopTimeout: 3, ExposedPorts: { '9000/udp': {} } },
      Healthcheck: {
        Test: ['CMD-SHELL', 'true $x'],
        Interval: 1e9,
        Timeout: 2e9,
        Retries: 3,
        StartPeriod: 4e9,
      },
      HostConfig: {
        ...{ Memory: 64 * MIB, MemorySwap: 80 * MIB, MemoryReservation: 32 * MIB, NanoCpus: 25e7 },
        ...{ CpuShares: 512, PidsLimit: 50, ShmSize: 8 * MIB, CapAdd: ['NET_ADMIN'], CapDrop: ['ALL'] },
        ...{ SecurityOpt: ['no-new-privileges'], OomScoreAdj: 5, Init: true, GroupAdd: ['44'] },
        ...{
          ReadonlyRootfs: true,
          Sysctls: { 'net.core.somaxconn': '5' },
          Dns: ['9.9.9.9'],
          DnsSearch: ['lan'],
        },
        ...{
          DnsOptions: ['ndots:1'],
          ExtraHosts: ['a:1.2.3.4', 'six:::1'],
          Tmpfs: { '/t': 'size=1m', '/u': '' },
        },
        Ulimits: [{ Name: 'nofile', Soft: 10, Hard: 20 }],
        RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 },
        PortBindings: {
          '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '8080' }],
          '53/udp': [{ HostIp: '::1', HostPort: '5353' }],
          '443/tcp': [{ HostIp: '', HostPort: '' }],
        },
        Binds: ['data:/data:ro', '/run/docker.sock:/s'],
        Mounts: [
          { Type: 'tmpfs', Target: '/m', TmpfsOptions: { SizeBytes: MIB, Mode: 0o1700 } },
          { Type: 'volume', Source: 'other', Target: '/a b:c', VolumeOptions: { NoCopy: true } },
        ],
        LogConfig: { Type: 'json-file', Config: { 'max-size': '1m' } },
        ...{ PidMode: 'host', IpcMode: 'host', UTSMode: 'host', CgroupnsMode: 'host', Privileged: true },
      },
    },
  })
  const size = (mebibytes: number): string => String(mebibytes * MIB)
  const port = (target: number, protocol = 'tcp') => ({ mode: 'ingress', target, protocol })
  expect(web).toEqual({
    ...{
      command: null,
      entrypoint: null,
      image: 'busybox:latest',
      platform: 'linux/386',
      container_name: 'web',
    },
    ...{ user: '5:6', working_dir: '/w', tty: true, stdin_open: true, init: true, privileged: true },
    ...{ stop_signal: 'SIGINT', stop_grace_period: '3s', restart: 'on-failure:3', expose: ['9000/udp'] },
    healthcheck: {
      ...{ test: ['CMD-SHELL', 'true $x'], interval: '1s', timeout: '2s', retries: 3, start_period: '4s' },
    },
    ...{ mem_limit: size(64), memswap_limit: size(80), mem_reservation: size(32), shm_size: size(8) },
    ...{ cpus: 0.25, cpu_shares: 512, pids_limit: 50, oom_score_adj: 5, read_only: true },
    ...{ cap_add: ['NET_ADMIN'], cap_drop: ['ALL'], security_opt: ['no-new-privileges'], group_add: ['44'] },
    ...{ sysctls: { 'net.core.somaxconn': '5' }, ulimits: { nofile: { soft: 10, hard: 20 } } },
    ...{ dns: ['9.9.9.9'], dns_search: ['lan'], dns_opt: ['ndots:1'], extra_hosts: ['a=1.2.3.4', 'six=::1'] },
    ...{ network_mode: 'bridge', pid: 'host', ipc: 'host', uts: 'host', cgroup: 'host' },
    logging: { driver: 'json-file', options: { 'max-size': '1m' } },
    tmpfs: ['/t:size=1m', '/u'],
    ports: [
      { ...port(80), host_ip: '127.0.0.1', published: '8080' },
      { ...port(53, 'udp'), host_ip: '::1', published: '5353' },
      port(443),
    ],
    volumes: [
      { type: 'volume', source: 'other', target: '/a b:c', volume: { nocopy: true } },
      { type: 'volume', source: 'data', target: '/data', read_only: true, volume: {} },
      { type: 'tmpfs', target: '/m', tmpfs: { size: size(1), mode: 0o1700 } },
      { type: 'bind', source: '/run/docker.sock', target: '/s', bind: { create_host_path: true } },
    ],
  })
})
