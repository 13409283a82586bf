/**
 * Docker's default seccomp policy for i386, stated as what it withholds: every known system call is allowed but these,
 * each given back by a capability. Source: https://docs.docker.com/engine/security/seccomp/ (significant syscalls blocked)
 * and the kernel's manual pages for what was added since.
 */
import type { OciSeccomp } from '../spec.ts'
import { I386_SYSCALLS } from './syscalls-i386.ts'

/** Withheld whatever the capabilities: obsolete, or not namespaced. */
const NEVER = [
  ...[
    '_sysctl',
    'afs_syscall',
    'bdflush',
    'break',
    'create_module',
    'ftime',
    'get_kernel_syms',
    'getpmsg',
    'gtty',
  ],
  ...[
    'idle',
    'lock',
    'mpx',
    'nfsservctl',
    'prof',
    'profil',
    'putpmsg',
    'query_module',
    'stty',
    'sysfs',
    'ulimit',
  ],
  ...['uselib', 'userfaultfd', 'ustat', 'vm86', 'vm86old', 'vserver', 'add_key', 'keyctl', 'request_key'],
  ...[
    'io_uring_enter',
    'io_uring_register',
    'io_uring_setup',
    'kexec_file_load',
    'swapon',
    'swapoff',
    'pivot_root',
  ],
]

/** Given back by the capability that governs them. */
const GATED: Record<string, readonly string[]> = {
  CAP_DAC_READ_SEARCH: ['open_by_handle_at'],
  CAP_SYS_ADMIN: [
    ...[
      'bpf',
      'clone3',
      'fanotify_init',
      'fsconfig',
      'fsmount',
      'fsopen',
      'fspick',
      'lookup_dcookie',
      'lsm_get_self_attr',
    ],
    ...[
      'lsm_list_modules',
      'lsm_set_self_attr',
      'mount',
      'mount_setattr',
      'move_mount',
      'open_tree',
      'perf_event_open',
    ],
    ...[
      'quotactl',
      'quotactl_fd',
      'setdomainname',
      'sethostname',
      'setns',
      'statmount',
      'listmount',
      'syslog',
      'umount',
    ],
    ...['umount2', 'unshare'],
  ],
  CAP_SYS_BOOT: ['reboot', 'kexec_load'],
  CAP_SYS_CHROOT: ['chroot'],
  CAP_SYS_MODULE: ['delete_module', 'init_module', 'finit_module'],
  CAP_SYS_PACCT: ['acct'],
  CAP_SYS_PTRACE: ['kcmp', 'pidfd_getfd', 'process_madvise'],
  CAP_SYS_RAWIO: ['iopl', 'ioperm'],
  CAP_SYS_TIME: [
    'settimeofday',
    'stime',
    'clock_settime',
    'clock_settime64',
    'clock_adjtime',
    'clock_adjtime64',
  ],
  CAP_SYS_TTY_CONFIG: ['vhangup'],
  CAP_SYS_NICE: [
    'get_mempolicy',
    'mbind',
    'set_mempolicy',
    'set_mempolicy_home_node',
    'move_pages',
    'migrate_pages',
  ],
  CAP_SYSLOG: ['syslog'],
  CAP_BPF: ['bpf'],
  CAP_PERFMON: ['perf_event_open'],
}

/** CLONE_NEW*: mount, cgroup, uts, ipc, user, pid, net. */
const NAMESPACE_FLAGS = 0x7e020000
/** PER_LINUX, PER_LINUX32, UNAME26 and both, "tell me which". */
const PERSONALITIES = [0x0, 0x8, 0x20000, 0x20008, 0xffffffff]
const ENOSYS = 38

/** The policy for a container with these capabilities (bounding set). */
export function dockerSeccomp(capabilities: readonly string[]): OciSeccomp {
  const has = new Set(capabilities)
  const returned = new Set(Object.entries(GATED).flatMap(([name, calls]) => (has.has(name) ? calls : [])))
  const withheld = new Set([...NEVER, ...Object.values(GATED).flat()].filter((name) => !returned.has(name)))
  const free = has.has('CAP_SYS_ADMIN')
  const special = new Set(['personality', ...(free ? [] : ['clone', 'clone3'])])
  const names = Object.keys(I386_SYSCALLS).filter((name) => !withheld.has(name) && !special.has(name))
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: 1,
    architectures: ['SCMP_ARCH_X86'],
    syscalls: [
      { names, action: 'SCMP_ACT_ALLOW' },
      ...PERSONALITIES.map((value) => ({
        names: ['personality'],
        action: 'SCMP_ACT_ALLOW' as const,
        args: [{ index: 0, value, op: 'SCMP_CMP_EQ' as const }],
      })),
      ...(free ? [] : restrictedClone()),
    ],
  }
}

/** Threads and processes, but no namespaces; clone3's flags lie in memory, so ENOSYS makes the C library use clone. */
function restrictedClone(): NonNullable<OciSeccomp['syscalls']> {
  return [
    {
      names: ['clone'],
      action: 'SCMP_ACT_ALLOW',
      args: [{ index: 0, value: NAMESPACE_FLAGS, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
    },
    { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS },
  ]
}
