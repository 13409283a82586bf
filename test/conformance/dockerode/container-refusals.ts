import type Docker from 'dockerode'
import { describe, expect, test } from 'vitest'
import { refusal, unique, type DockerBench } from '../../support/docker-bench.ts'

type Case = [what: string, options: Docker.ContainerCreateOptions, status: number, sentence: string]

const host = (what: string, config: Docker.HostConfig, sentence: string): Case => [
  what,
  { HostConfig: config },
  400,
  sentence,
]

const MIB = 1024 * 1024

/** Sentences of dockerd 28: daemon/container.go, daemon/daemon_unix.go, daemon/create.go and api/types/container. */
const CASES: Case[] = [
  ['an unknown image', { Image: 'nowhere' }, 404, 'No such image: nowhere:latest'],
  [
    'an image name in upper case',
    { Image: 'Busybox' },
    400,
    'invalid reference format: repository name (library/Busybox) must be lowercase',
  ],
  [
    'a name with other characters',
    { name: 'a/b' },
    400,
    'Invalid container name (a/b), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed',
  ],
  [
    'a relative working directory',
    { WorkingDir: 'tmp' },
    400,
    "the working directory 'tmp' is invalid, it needs to be an absolute path",
  ],
  ['a variable without a name', { Env: ['=1'] }, 400, 'invalid environment variable: =1'],
  ['an unknown stop signal', { StopSignal: 'SIGNOPE' }, 400, 'invalid signal: SIGNOPE'],
  [
    'a health check more often than each millisecond',
    { Healthcheck: { Test: ['CMD', 'true'], Interval: 1000 } },
    400,
    'Interval in Healthcheck cannot be less than 1ms',
  ],
  [
    'a negative number of health retries',
    { Healthcheck: { Test: ['CMD', 'true'], Retries: -1 } },
    400,
    'Retries in Healthcheck cannot be negative',
  ],
  host('less than 6 MB of memory', { Memory: 4096 }, 'Minimum memory limit allowed is 6MB'),
  host(
    'less swap than memory',
    { Memory: 64 * MIB, MemorySwap: 32 * MIB },
    'Minimum memoryswap limit should be larger than memory limit, see usage',
  ),
  host(
    'swap without memory',
    { MemorySwap: 64 * MIB },
    'You should always set the Memory limit when using Memoryswap limit, see usage',
  ),
  host(
    'a reservation beyond the limit',
    { Memory: 32 * MIB, MemoryReservation: 64 * MIB },
    'Minimum memory limit can not be less than memory reservation limit, see usage',
  ),
  host(
    'both CPUs and a CPU quota',
    { NanoCpus: 5e8, CpuQuota: 5000 },
    'Conflicting options: Nano CPUs and CPU Quota cannot both be set',
  ),
  host(
    'more CPUs than there are',
    { NanoCpus: 2e9 },
    'range of CPUs is from 0.01 to 1.00, as there are only 1 CPUs available',
  ),
  host(
    'a CPU that is not there',
    { CpusetCpus: '7' },
    'Requested CPUs are not available - requested 7, available: 0',
  ),
  host('a set of CPUs that is none', { CpusetCpus: 'x' }, 'Invalid value x for cpuset cpus'),
  host(
    'an OOM score out of range',
    { OomScoreAdj: 2000 },
    'Invalid value 2000, range for oom score adj is [-1000, 1000]',
  ),
  host('a negative /dev/shm', { ShmSize: -1 }, 'SHM size can not be less than 0'),
  host(
    'an unknown restart policy',
    { RestartPolicy: { Name: 'sometimes' } },
    "invalid restart policy: unknown policy 'sometimes'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'",
  ),
  host(
    'retries for a policy that has none',
    { RestartPolicy: { Name: 'always', MaximumRetryCount: 1 } },
    "invalid restart policy: maximum retry count can only be used with 'on-failure'",
  ),
  host(
    'removal of itself with a restart policy',
    { AutoRemove: true, RestartPolicy: { Name: 'always' } },
    "can't create 'AutoRemove' container with restart policy",
  ),
  host('an extra host without an address', { ExtraHosts: ['one'] }, 'bad format for add-host: "one"'),
  host('an unknown capability', { CapAdd: ['FLY'] }, 'invalid CapAdd: unknown capability: "CAP_FLY"'),
  host('an unknown runtime', { Runtime: 'nope' }, 'unknown or invalid runtime name: nope'),
  host('an IPC mode that is none', { IpcMode: 'nope' }, 'invalid IPC mode: nope'),
  host('a PID mode that is none', { PidMode: 'nope' }, 'invalid PID mode: nope'),
  host(
    'a published port that is none',
    { PortBindings: { 'x/tcp': [{}] } },
    'invalid port specification: "x/tcp"',
  ),
  host('a security option without a value', { SecurityOpt: ['nope'] }, 'invalid --security-opt 1: "nope"'),
  host(
    'a relative mount point',
    { Binds: ['/tmp:tmp'] },
    `invalid volume specification: '/tmp:tmp': invalid mount config for type "bind": invalid mount path: 'tmp' mount path must be absolute`,
  ),
  host('a mount mode that is none', { Binds: ['/tmp:/tmp:zz9'] }, 'invalid mode: zz9'),
  host('two mounts at one place', { Binds: ['/tmp:/x', '/root:/x'] }, 'Duplicate mount point: /x'),
]

export function describeContainerRefusals(bench: DockerBench): void {
  describe('creation refuses', () => {
    test.each(CASES)('%s', async (_what, options, status, sentence) => {
      expect(await refusal(bench.create(options))).toEqual([status, sentence])
    })

    test('a name that is taken, telling by whom', async () => {
      const name = unique('taken')
      const { id } = await bench.create({ name })
      expect(await refusal(bench.create({ name }))).toEqual([
        409,
        `Conflict. The container name "/${name}" is already in use by container "${id}". You have to remove (or rename) that container to be able to reuse that name.`,
      ])
    })

    test('and leaves nothing behind', async () => {
      const before = await bench.docker.listContainers({ all: true })
      await refusal(bench.create({ HostConfig: { Binds: ['fresh:/x', '/root:/x'] } }))
      expect(await bench.docker.listContainers({ all: true })).toHaveLength(before.length)
    })
  })

  describe('a container that is not there', () => {
    type Call = (container: Docker.Container) => Promise<unknown>
    const calls: [string, Call][] = [
      ['inspect', (container) => container.inspect()],
      ['start', (container) => container.start()],
      ['stop', (container) => container.stop()],
      ['restart', (container) => container.restart()],
      ['pause', (container) => container.pause()],
      ['logs', (container) => container.logs({ stdout: true })],
      ['top', (container) => container.top()],
      ['stats', (container) => container.stats({ stream: false })],
      ['changes', (container) => container.changes()],
      ['wait', (container) => container.wait()],
      ['exec', (container) => container.exec({ Cmd: ['true'] })],
      ['update', (container) => container.update({ CpuShares: 2 })],
      ['rename', (container) => container.rename({ name: 'other' })],
      ['getArchive', (container) => container.getArchive({ path: '/' })],
      ['attach', (container) => container.attach({ stream: true, stdout: true })],
      ['export', (container) => container.export()],
      ['remove', (container) => container.remove()],
      ['commit', (container) => container.commit()],
    ]
    test('is what kill says, with the words of its route', async () => {
      expect(await refusal(bench.docker.getContainer('absent').kill())).toEqual([
        404,
        'cannot kill container: absent: No such container: absent',
      ])
    })

    test.each(calls)('is what %s says', async (_name, call) => {
      expect(await refusal(call(bench.docker.getContainer('absent')))).toEqual([
        404,
        'No such container: absent',
      ])
    })
  })
}
