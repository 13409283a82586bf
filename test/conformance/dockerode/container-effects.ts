import type Docker from 'dockerode'
import { describe, expect, test } from 'vitest'
import { unique, type DockerBench } from '../../support/docker-bench.ts'

const MIB = 1024 * 1024

type Case = [what: string, options: Docker.ContainerCreateOptions, command: string, said: string]

/** What a process in the container sees of the configuration. */
const CASES: Case[] = [
  ['PID 1', {}, 'echo $$', '1'],
  ['the variables', { Env: ['A=one two'] }, 'echo "$A"', 'one two'],
  // daemon/oci_linux.go: HOME comes from the user's entry in /etc/passwd, HOSTNAME is the host name.
  ['HOME and HOSTNAME', { Hostname: 'box' }, 'echo $HOME $HOSTNAME', '/root box'],
  ['HOME of another user', { User: 'www-data' }, 'echo $HOME', '/var/www'],
  // TERM is set with a terminal alone: DefaultEnvs is PATH, HOSTNAME and, for a tty, TERM=xterm.
  ['no TERM without a terminal', {}, 'echo "[$TERM]"', '[]'],
  ['the host name', { Hostname: 'box' }, 'hostname; tail -n 1 /etc/hosts | cut -f 2', 'box\nbox'],
  ['the working directory, made if need be', { WorkingDir: '/some/where' }, 'pwd', '/some/where'],
  ['the user and its groups', { User: 'nobody' }, 'id -u; id -g; id -G', '65534\n65534\n65534'],
  ['numeric ids', { User: '1234:77' }, 'id -u; id -g', '1234\n77'],
  ['more groups', { User: '5', HostConfig: { GroupAdd: ['users', '7'] } }, 'id -G', '0 7 100'],
  [
    'the memory limit',
    { HostConfig: { Memory: 32 * MIB } },
    'cat /sys/fs/cgroup/memory.max',
    String(32 * MIB),
  ],
  ['the CPU quota', { HostConfig: { NanoCpus: 5e8 } }, 'cat /sys/fs/cgroup/cpu.max', '50000 100000'],
  // The conversion of runc: 1 + (shares - 2) * 9999 / 262142.
  ['the CPU weight', { HostConfig: { CpuShares: 1024 } }, 'cat /sys/fs/cgroup/cpu.weight', '39'],
  ['the limit of processes', { HostConfig: { PidsLimit: 20 } }, 'cat /sys/fs/cgroup/pids.max', '20'],
  [
    'its ulimits',
    { HostConfig: { Ulimits: [{ Name: 'nofile', Soft: 64, Hard: 128 }] } },
    'ulimit -S -n; ulimit -H -n',
    '64\n128',
  ],
  ['its own cgroup as the root', {}, 'cat /proc/self/cgroup', '0::/'],
  [
    'the capabilities of Docker',
    {},
    'grep CapEff /proc/self/status | cut -f 2',
    // The fourteen of Docker's default list.
    '00000000a80425fb',
  ],
  [
    'no capabilities when all are dropped',
    { HostConfig: { CapDrop: ['ALL'] } },
    'grep CapEff /proc/self/status | cut -f 2',
    '0000000000000000',
  ],
  [
    'one capability added to none',
    { HostConfig: { CapDrop: ['ALL'], CapAdd: ['NET_ADMIN'] } },
    'grep CapEff /proc/self/status | cut -f 2',
    '0000000000001000',
  ],
  [
    'that it gains no privileges',
    { HostConfig: { SecurityOpt: ['no-new-privileges'] } },
    'grep NoNewPrivs /proc/self/status | cut -f 2',
    '1',
  ],
  ['a seccomp filter', {}, 'grep ^Seccomp: /proc/self/status | cut -f 2', '2'],
  [
    'no filter when it is unconfined',
    { HostConfig: { SecurityOpt: ['seccomp=unconfined'] } },
    'grep ^Seccomp: /proc/self/status | cut -f 2',
    '0',
  ],
  [
    'a read-only root',
    { HostConfig: { ReadonlyRootfs: true } },
    'touch /x 2>&1 || touch /dev/shm/x && echo shm',
    'touch: /x: Read-only file system\nshm',
  ],
  [
    'a tmpfs of its size',
    { HostConfig: { Tmpfs: { '/scratch': 'size=1m,mode=700' } } },
    'stat -c %a /scratch; df -k /scratch | tail -n 1 | tr -s " " | cut -d " " -f 1,2',
    '700\ntmpfs 1024',
  ],
  [
    'the size of /dev/shm',
    { HostConfig: { ShmSize: 2 * MIB } },
    'df -k /dev/shm | tail -n 1 | tr -s " " | cut -d " " -f 1,2',
    'shm 2048',
  ],
  [
    'sysctls',
    { HostConfig: { Sysctls: { 'net.ipv4.ip_forward': '0', 'kernel.msgmax': '4096' } } },
    'cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax',
    '0\n4096',
  ],
  [
    'a device by another name',
    {
      HostConfig: {
        Devices: [{ PathOnHost: '/dev/zero', PathInContainer: '/dev/nil', CgroupPermissions: 'rwm' }],
      },
    },
    'head -c 3 /dev/nil | wc -c',
    '3',
  ],
  ['the OOM score', { HostConfig: { OomScoreAdj: 300 } }, 'cat /proc/self/oom_score_adj', '300'],
  ['extra hosts', { HostConfig: { ExtraHosts: ['db:10.1.1.1'] } }, 'grep -w db /etc/hosts', '10.1.1.1\tdb'],
  [
    'name servers, search domains and options',
    { HostConfig: { Dns: ['10.0.0.1'], DnsSearch: ['a.org', 'b.org'], DnsOptions: ['ndots:2'] } },
    'grep -v "^#" /etc/resolv.conf | grep .',
    'nameserver 10.0.0.1\nsearch a.org b.org\noptions ndots:2',
  ],
  ['no network but loopback', { HostConfig: { NetworkMode: 'none' } }, 'ls /sys/class/net', 'lo'],
  ['an interface of its own', {}, 'ls /sys/class/net', 'eth0\nlo'],
  ['masked paths', {}, 'cat /proc/kcore | wc -c; ls /sys/firmware | wc -l', '0\n0'],
  [
    'privileges',
    { HostConfig: { Privileged: true } },
    'mkdir /m && mount -t tmpfs none /m && echo mounted',
    'mounted',
  ],
  [
    'an init process',
    { HostConfig: { Init: true } },
    'readlink /proc/1/exe; [ $$ -gt 1 ] && echo child',
    '/sbin/docker-init\nchild',
  ],
  [
    'a private IPC namespace with a limit',
    { HostConfig: { IpcMode: 'none' } },
    'ls -d /dev/shm/* 2>/dev/null | wc -l',
    '0',
  ],
]

export function describeContainerEffects(bench: DockerBench): void {
  describe('a process in a container has', () => {
    test.each(CASES)('%s', async (_what, options, command, said) => {
      expect(await bench.says(command, options)).toBe(said)
    })

    test('the namespaces of another container that it joins', async () => {
      const other = await bench.start({ HostConfig: { IpcMode: 'shareable' } })
      const kinds = ['net', 'pid', 'ipc'].map((kind) => `readlink /proc/self/ns/${kind}`).join('; ')
      const joins = `container:${other.id}`
      const HostConfig = { NetworkMode: joins, PidMode: joins, IpcMode: joins }
      expect(await bench.says(kinds, { HostConfig })).toBe((await bench.exec(other, kinds)).stdout.trim())
    })

    test('the host’s namespaces that it asks for', async () => {
      const kinds = ['net', 'pid', 'ipc', 'uts'].map((kind) => `readlink /proc/self/ns/${kind}`).join('; ')
      const HostConfig = { NetworkMode: 'host', PidMode: 'host', IpcMode: 'host', UTSMode: 'host' }
      expect(await bench.says(kinds, { HostConfig })).toBe(await bench.guest(kinds))
    })

    test('the hosts it is linked to, by name and alias', async () => {
      const name = unique('linked')
      const other = await bench.start({ name })
      const address = (await other.inspect()).NetworkSettings.Networks['bridge']!.IPAddress
      const hosts = await bench.says('grep store /etc/hosts', { HostConfig: { Links: [`${name}:store`] } })
      expect(hosts).toBe(`${address}\tstore ${other.id.slice(0, 12)} ${name}`)
    })
  })

  describe('a process that ends', () => {
    const codes: [string, string | string[], number][] = [
      ['with its own status', 'exit 7', 7],
      ['by a signal of a child', 'sh -c "kill -TERM \\$\\$"; exit $?', 143],
    ]
    test.each(codes)('%s', async (_what, command, code) => {
      expect((await bench.run(command)).code).toBe(code)
    })

    // runc's sentences, and the statuses 126 and 127 of a shell: daemon/start.go, translateContainerdStartErr.
    const START =
      'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: '
    const failures: [string, Docker.ContainerCreateOptions, number, string][] = [
      ['is not there', { Cmd: ['nope'] }, 127, 'exec: "nope": executable file not found in $PATH: unknown'],
      [
        'cannot be executed',
        { Cmd: ['/etc/passwd'] },
        126,
        'exec: "/etc/passwd": permission denied: unknown',
      ],
    ]
    test.each(failures)('never began when its program %s', async (_what, options, code, sentence) => {
      const container = await bench.create(options)
      const failure = container.start().then(
        () => 'started',
        (error: { statusCode: number; json: { message: string } }) => [error.statusCode, error.json.message],
      )
      expect(await failure).toEqual([400, START + sentence])
      const { State } = await container.inspect()
      expect([State.Status, State.ExitCode, State.Error]).toEqual(['created', code, START + sentence])
    })
  })
}
