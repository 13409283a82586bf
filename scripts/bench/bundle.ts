/**
 * Makes the OCI bundle that every runtime of the bench runs: that of `docker run --memory 32m --cpus 0.5 --pids-limit
 * 64 busybox true`.
 */
import type { OciSpec } from '../../guest/runtime/oci/spec.ts'

const CAPABILITIES = ['CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_FOWNER', 'CAP_KILL', 'CAP_SETGID', 'CAP_SETUID']

export function bundleSpec(rootfs: string): OciSpec {
  return {
    ociVersion: '1.2.0',
    root: { path: rootfs },
    hostname: 'bench',
    process: {
      cwd: '/',
      args: ['/bin/true'],
      env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'],
      user: { uid: 0, gid: 0 },
      capabilities: { bounding: CAPABILITIES, effective: CAPABILITIES, permitted: CAPABILITIES },
      noNewPrivileges: false,
    },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
      {
        destination: '/dev',
        type: 'tmpfs',
        source: 'tmpfs',
        options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
      },
      { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
    ],
    linux: {
      namespaces: [
        { type: 'pid' },
        { type: 'network' },
        { type: 'ipc' },
        { type: 'uts' },
        { type: 'mount' },
        { type: 'cgroup' },
      ],
      resources: {
        memory: { limit: 32 << 20 },
        cpu: { quota: 50_000, period: 100_000 },
        pids: { limit: 64 },
      },
    },
  }
}
