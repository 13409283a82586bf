import type { GenericContainer } from 'testcontainers'
import { describe, expect, test } from 'vitest'
import { FOREVER, says, type TestcontainersBench } from '../../support/testcontainers-bench.ts'

type Case = [
  what: string,
  configure: (it: GenericContainer) => GenericContainer,
  command: string,
  said: string,
]

const CASES: Case[] = [
  ['variables', (it) => it.withEnvironment({ A: '1', B: 'x y' }), 'echo "$A $B"', '1 x y'],
  ['an entrypoint', (it) => it.withEntrypoint(['sh', '-c', 'echo e > /e; sleep 1000000']), 'cat /e', 'e'],
  ['a user', (it) => it.withUser('nobody'), 'id -u', '65534'],
  ['a working directory', (it) => it.withWorkingDir('/opt/work'), 'pwd', '/opt/work'],
  ['a host name', (it) => it.withHostname('box'), 'hostname', 'box'],
  [
    'a tmpfs',
    (it) => it.withTmpFs({ '/scratch': 'rw,noexec,size=1m' }),
    'df -k /scratch | tail -n 1 | tr -s " " | cut -d " " -f 1,2',
    'tmpfs 1024',
  ],
  [
    'ulimits',
    (it) => it.withUlimits({ nofile: { soft: 50, hard: 60 } }),
    'ulimit -S -n; ulimit -H -n',
    '50\n60',
  ],
  [
    'capabilities added',
    (it) => it.withAddedCapabilities('NET_ADMIN'),
    'ip link set lo down && echo may',
    'may',
  ],
  [
    'capabilities dropped',
    (it) => it.withDroppedCapabilities('CHOWN'),
    'chown 1 /etc/passwd 2>/dev/null || echo may not',
    'may not',
  ],
  ['privileges', (it) => it.withPrivilegedMode(), 'mkdir /m && mount -t tmpfs none /m && echo may', 'may'],
  [
    'security options',
    (it) => it.withSecurityOpt('no-new-privileges'),
    'grep NoNewPrivs /proc/self/status | cut -f 2',
    '1',
  ],
  [
    'a memory limit',
    (it) => it.withResourcesQuota({ memory: 0.0625 }),
    'cat /sys/fs/cgroup/memory.max',
    String(64 << 20),
  ],
  [
    'a share of the CPU',
    (it) => it.withResourcesQuota({ cpu: 0.5 }),
    'cat /sys/fs/cgroup/cpu.max',
    '50000 100000',
  ],
  [
    'the size of /dev/shm',
    (it) => it.withSharedMemorySize(2 << 20),
    'df -k /dev/shm | tail -n 1 | tr -s " " | cut -d " " -f 2',
    '2048',
  ],
  ['an IPC mode', (it) => it.withIpcMode('host'), 'readlink /proc/self/ns/ipc', 'host'],
  [
    'hosts',
    (it) => it.withExtraHosts([{ host: 'db', ipAddress: '10.1.1.1' }]),
    'grep -w db /etc/hosts',
    '10.1.1.1\tdb',
  ],
  ['the driver of its logs', (it) => it.withDefaultLogDriver(), 'echo ok', 'ok'],
  ['a platform', (it) => it.withPlatform('linux/386'), 'uname -m', 'i686'],
]

export function describeSettings(bench: TestcontainersBench): void {
  describe('a container has', () => {
    test.each(CASES)('%s', async (_what, configure, command, said) => {
      const container = await bench.start(configure)
      const wanted = said === 'host' ? await bench.guest(command) : said
      // An entrypoint of its own may not have come so far yet.
      const until = command.startsWith('cat /e') ? `until [ -s /e ]; do :; done; ${command}` : command
      expect(await says(container, until)).toBe(wanted)
    })

    test('a bind of a directory of the engine’s host', async () => {
      await bench.guest('mkdir -p /srv/tc && echo host > /srv/tc/file')
      const mount = { source: '/srv/tc', target: '/host', mode: 'ro' as const }
      const container = await bench.start((it) => it.withCommand(FOREVER).withBindMounts([mount]))
      expect(await says(container, 'cat /host/file; touch /host/x 2>/dev/null || echo no')).toBe('host\nno')
    })
  })
}
