import { describe, expect, test } from 'vitest'
import { compileExecPlan } from './compile-exec-plan.ts'
import type { CompileOptions } from './compile-options.ts'
import { compilePlan } from './compile-plan.ts'
import { compileTerminalPlan } from './compile-terminal-plan.ts'
import { encodeLaunchPlan } from '../plan/encode-plan.ts'
import { CLONE, MOUNT_ATTR, MS } from '../plan/linux-constants.ts'
import { SLOT, type Step } from '../plan/plan.ts'
import type { OciSpec } from './spec.ts'

const OPTIONS: CompileOptions = {
  id: 'box',
  root: { overlay: { lower: ['/layers/b', '/layers/a'], upper: '/data/upper', work: '/data/work' } },
  cgroupPath: '/sys/fs/cgroup/docker/box',
  shimDir: '/run/porthole/shim',
}

const spec = (linux: OciSpec['linux'] = {}, extra: Partial<OciSpec> = {}): OciSpec => ({
  ociVersion: '1.2.0',
  process: { user: { uid: 0, gid: 0 }, args: ['sh'], cwd: '/' },
  linux: { namespaces: [{ type: 'mount' }, { type: 'pid' }, { type: 'cgroup' }], ...linux },
  ...extra,
})

const ops = (steps: readonly Step[]): string[] => steps.map(({ op }) => op)
const find = (steps: readonly Step[], op: Step['op']): Step | undefined =>
  steps.find((step) => step.op === op)

describe('the shim of a container', () => {
  test('makes, launches, waits and cleans up, in this order', () => {
    expect(ops(compilePlan(spec(), OPTIONS).shim)).toEqual([
      ...['mkdir', 'mkdir', 'mkdir', 'clone', 'await-exec', 'await-exit', 'cgroup-remove'],
    ])
  })

  test('does first and last what it is given, the last whatever failed before', () => {
    const setUp: Step[] = [{ op: 'umask', mask: 1 }]
    const tearDown: Step[] = [{ op: 'umask', mask: 2 }]
    const { shim } = compilePlan(spec(), { ...OPTIONS, setUp, tearDown })
    expect([shim[0], shim.at(-1)]).toEqual([...setUp, ...tearDown])
    expect(shim.length - 1).toBeGreaterThan(shim.findIndex(({ op }) => op === 'await-exit'))
  })

  test('clones into the cgroup, but leaves the cgroup namespace to the child', () => {
    const clone = find(compilePlan(spec(), OPTIONS).shim, 'clone')
    expect(clone).toEqual({ op: 'clone', flags: CLONE.NEWNS | CLONE.NEWPID, cgroup: OPTIONS.cgroupPath })
    expect(find(compilePlan(spec(), OPTIONS).init, 'unshare')).toEqual({
      op: 'unshare',
      flags: CLONE.NEWCGROUP,
    })
  })

  test('visits the network namespace only to listen for DNS', () => {
    const namespaces = [{ type: 'mount' as const }, { type: 'network' as const, path: '/run/netns/x' }]
    const plan = compilePlan(spec({ namespaces }), { ...OPTIONS, dnsListener: true })
    expect(ops(plan.shim).slice(3, 8)).toEqual(['open', 'setns', 'dns-listen', 'clone', 'setns-slot'])
    expect(find(plan.init, 'setns')).toMatchObject({ path: '/run/netns/x', flags: Number(CLONE.NEWNET) })
  })

  test('maps ids before the child goes on, and lets it go by the same point', () => {
    const namespaces = [{ type: 'mount' as const }, { type: 'user' as const }]
    const uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }]
    const plan = compilePlan(spec({ namespaces, uidMappings, gidMappings: uidMappings }), OPTIONS)
    expect(ops(plan.shim).slice(4, 7)).toEqual(['write-id-map', 'write-id-map', 'release-init'])
    expect(plan.init[0]).toEqual({ op: 'synchronise', point: 1 })
    expect(find(plan.shim, 'release-init')).toEqual({ op: 'release-init', point: 1 })
  })

  test('waits for the start before it lets init execute', () => {
    const plan = compilePlan(spec(), { ...OPTIONS, waitForStart: true })
    expect(ops(plan.shim)).toEqual(expect.arrayContaining(['await-start', 'release-init', 'await-exec']))
    expect(ops(plan.init).indexOf('synchronise')).toBeLessThan(ops(plan.init).indexOf('set-user'))
  })
})

describe('the root of a container', () => {
  test('is one overlay option per layer, topmost first', () => {
    expect(find(compilePlan(spec(), OPTIONS).init, 'mount-fs')).toEqual({
      op: 'mount-fs',
      target: '/run/porthole/root',
      type: 'overlay',
      options: [
        ...['source=overlay', 'lowerdir+=/layers/b', 'lowerdir+=/layers/a'],
        ...['upperdir=/data/upper', 'workdir=/data/work'],
      ],
      attributes: 0n,
    })
  })

  test('hears of mounts of the guest, which hears of none of its own', () => {
    const step = compilePlan(spec(), OPTIONS).init.find((candidate) => candidate.op === 'mount-setattr')
    expect(step).toMatchObject({ path: '/', recursive: true, propagation: BigInt(MS.SLAVE) })
  })

  test('has what lies below a source bound from a descriptor of it', () => {
    const mounts = [{ destination: '/data', type: 'bind', source: '/vol', subpath: 'a/b', options: ['bind'] }]
    const steps = compilePlan(spec({}, { mounts }), OPTIONS).init
    const at = steps.findIndex((step) => step.op === 'bind')
    expect(steps.slice(at - 1, at + 2)).toMatchObject([
      { op: 'open', slot: SLOT.source, path: '/vol' },
      { op: 'bind', sourceAt: SLOT.source, source: 'a/b', sourceBeneath: true, target: '/data' },
      { op: 'close', slot: SLOT.source },
    ])
  })

  test('has layers merged for the time of their bind', () => {
    const mount = { destination: '/data', type: 'bind', source: '/merged', options: ['bind', 'ro'] }
    const mounts = [{ ...mount, layers: ['/layers/b', '/layers/a'] }]
    const steps = compilePlan(spec({}, { mounts }), OPTIONS).init
    const at = steps.findIndex((step) => step.op === 'bind')
    expect(steps.slice(at - 3, at + 3)).toMatchObject([
      { op: 'mkdir', path: '/merged', parents: true },
      {
        op: 'mount-fs',
        target: '/merged',
        options: ['source=overlay', 'lowerdir+=/layers/b', 'lowerdir+=/layers/a'],
        attributes: MOUNT_ATTR.RDONLY,
      },
      { op: 'open', path: '/merged' },
      { op: 'bind', source: '/', set: MOUNT_ATTR.RDONLY },
      { op: 'close' },
      { op: 'umount', path: '/merged' },
    ])
  })

  test('has its mounts in the order of the spec, read-only where asked', () => {
    const mounts = [
      { destination: '/data', type: 'bind', source: '/vol', options: ['rbind', 'ro', 'rprivate'] },
      { destination: '/run', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'size=1m', 'noexec'] },
    ]
    const steps = compilePlan(spec({}, { mounts }), OPTIONS).init
    expect(find(steps, 'bind')).toEqual({
      op: 'bind',
      source: '/vol',
      at: SLOT.root,
      target: '/data',
      recursive: true,
      set: MOUNT_ATTR.RDONLY,
      clear: 0n,
      recursiveSet: 0n,
      propagation: BigInt(MS.PRIVATE | MS.REC),
    })
    const tmpfs = steps.find((step) => step.op === 'mount-fs' && step.type === 'tmpfs')
    expect(tmpfs).toMatchObject({
      options: ['source=tmpfs', 'size=1m'],
      attributes: MOUNT_ATTR.NOSUID | MOUNT_ATTR.NOEXEC,
    })
  })

  test('is covered where masked, and only what is missing there is no failure', () => {
    const steps = compilePlan(spec({ maskedPaths: ['/proc/kcore'] }), OPTIONS).init
    expect(find(steps, 'mask-path')).toEqual({
      op: 'mask-path',
      at: SLOT.root,
      path: '/proc/kcore',
      tolerate: 'ENOENT',
    })
  })

  test('shows its own part of the cgroup tree when the cgroup namespace is the guest’s', () => {
    const mounts = [{ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['ro'] }]
    const shared = compilePlan(spec({ namespaces: [{ type: 'mount' }] }, { mounts }), OPTIONS)
    expect(find(shared.init, 'bind')).toMatchObject({ source: OPTIONS.cgroupPath, set: MOUNT_ATTR.RDONLY })
  })
})

describe('the process of a container', () => {
  const process = (extra: object): OciSpec => spec({}, { process: { ...spec().process!, ...extra } })
  const seccomp = { defaultAction: 'SCMP_ACT_ALLOW' as const }

  test('gets its filter before it loses its privileges, unless it can gain none', () => {
    const capabilities = { bounding: [], effective: [], permitted: [] }
    const order = (noNewPrivileges: boolean): string[] =>
      ops(
        compilePlan(
          { ...process({ capabilities, noNewPrivileges }), linux: { ...spec().linux, seccomp } },
          OPTIONS,
        ).init,
      )
    const loose = order(false)
    expect(loose.indexOf('seccomp')).toBeLessThan(loose.indexOf('bounding-set'))
    const tight = order(true)
    expect(tight.slice(-3)).toEqual(['no-new-privileges', 'seccomp', 'execute'])
  })

  test('writes /proc while it is still the guest’s', () => {
    const steps = compilePlan(process({ oomScoreAdj: 5 }), OPTIONS).init
    expect(ops(steps).indexOf('write-file')).toBeLessThan(ops(steps).indexOf('mount-fs'))
  })

  test.each([
    [process({ args: [] }), /args must not be empty/],
    [process({ cwd: 'relative' }), /cwd 'relative' is not absolute/],
    [process({ rlimits: [{ type: 'RLIMIT_X', soft: 1, hard: 1 }] }), /unknown type "RLIMIT_X"/],
    [process({ capabilities: { bounding: ['CAP_X'] } }), /unknown capability "CAP_X"/],
    [spec({ namespaces: [] }), /must have a mount namespace/],
    [spec({ namespaces: [{ type: 'mount' }, { type: 'mount' }] }), /given twice/],
    [spec({ sysctl: { '../x': '1' } }), /sysctl "\.\.\/x"/],
    [spec({ rootfsPropagation: 'x' }), /rootfsPropagation "x"/],
    [spec({}, { mounts: [{ destination: 'x' }] }), /not absolute/],
    [
      spec({}, { mounts: [{ destination: '/x', type: 'tmpfs', options: ['tmpcopyup'] }] }),
      /'tmpcopyup' is not supported/,
    ],
  ])('%# is refused with what is wrong', (bad, message) =>
    expect(() => compilePlan(bad, OPTIONS)).toThrow(message),
  )
})

test('an exec joins by the container’s identity: PID namespace in the shim, the others in the child', () => {
  const container = { pid: 7, startTime: 99 }
  const plan = compileExecPlan(spec(), spec().process!, {
    id: 'x',
    container,
    shimDir: '/s',
    cgroupPath: '/c',
  })
  expect(plan.shim.slice(0, 3)).toEqual([
    { op: 'open-process', slot: SLOT.process, pid: 7, startTime: 99n },
    { op: 'setns-slot', slot: SLOT.process, flags: Number(CLONE.NEWPID) },
    { op: 'clone', flags: 0n, cgroup: '/c' },
  ])
  expect(find(plan.init, 'setns-slot')).toMatchObject({ flags: Number(CLONE.NEWNS | CLONE.NEWCGROUP) })
})

test('a process of the guest is cloned into the cgroup of its kind, and leaves it when it ends', () => {
  const plan = compileTerminalPlan({
    id: 't',
    shimDir: '/s',
    argv: ['sh'],
    env: [],
    cwd: '/',
    cgroupPath: '/shells',
  })
  expect(plan.shim).toEqual([
    { op: 'clone', flags: 0n, cgroup: '/shells' },
    { op: 'await-exec' },
    { op: 'await-exit' },
  ])
})

test('every kind of plan can be encoded', () => {
  const options = { id: 't', shimDir: '/s', argv: ['sh'], env: [], cwd: '/' }
  const exec = { id: 'x', container: { pid: 7, startTime: 99 }, shimDir: '/s' }
  const hooks = { poststop: [{ path: '/hook', timeout: 1 }], startContainer: [{ path: '/in' }] }
  for (const plan of [
    compilePlan(spec({}, { hooks, hostname: 'h' }), OPTIONS),
    compileTerminalPlan(options),
    compileExecPlan(spec(), spec().process!, exec),
  ]) {
    expect(encodeLaunchPlan(plan).length).toBeGreaterThan(100)
  }
})
