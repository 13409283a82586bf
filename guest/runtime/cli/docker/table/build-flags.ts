/** Flags of `docker build` and `docker builder …`. Words are Docker's (CLI 26.1). */
import { flagTables, type TypesOfAll } from '../../shared/flag-spec.ts'
import { checkEnv, checkExtraHost, checking, checkLabel, parseUlimit } from '../run/checks.ts'
import { EXPERIMENTAL } from './usage-texts.ts'

export const BUILD_FLAGS = flagTables({
  build: [
    {
      name: 'add-host',
      type: 'list',
      usage: 'Add a custom host-to-IP mapping ("host:ip")',
      check: checkExtraHost,
    },
    { name: 'build-arg', type: 'list', usage: 'Set build-time variables', check: checkEnv },
    { name: 'cache-from', type: 'stringSlice', usage: 'Images to consider as cache sources' },
    {
      name: 'cgroup-parent',
      type: 'string',
      usage: 'Set the parent cgroup for the "RUN" instructions during build',
    },
    { name: 'compress', type: 'bool', usage: 'Compress the build context using gzip' },
    { name: 'cpu-period', type: 'int', usage: 'Limit the CPU CFS (Completely Fair Scheduler) period' },
    { name: 'cpu-quota', type: 'int', usage: 'Limit the CPU CFS (Completely Fair Scheduler) quota' },
    { name: 'cpu-shares', short: 'c', type: 'int', usage: 'CPU shares (relative weight)' },
    { name: 'cpuset-cpus', type: 'string', usage: 'CPUs in which to allow execution (0-3, 0,1)' },
    { name: 'cpuset-mems', type: 'string', usage: 'MEMs in which to allow execution (0-3, 0,1)' },
    { name: 'disable-content-trust', type: 'bool', usage: 'Skip image verification', default: 'true' },
    {
      name: 'file',
      short: 'f',
      type: 'string',
      usage: 'Name of the Dockerfile (Default is "PATH/Dockerfile")',
    },
    { name: 'force-rm', type: 'bool', usage: 'Always remove intermediate containers' },
    { name: 'iidfile', type: 'string', usage: 'Write the image ID to the file' },
    { name: 'isolation', type: 'string', usage: 'Container isolation technology' },
    { name: 'label', type: 'list', usage: 'Set metadata for an image', check: checkLabel },
    { name: 'memory', short: 'm', type: 'bytes', usage: 'Memory limit' },
    {
      name: 'memory-swap',
      type: 'swap-bytes',
      usage: 'Swap limit equal to memory plus swap: -1 to enable unlimited swap',
    },
    {
      name: 'network',
      type: 'string',
      usage: 'Set the networking mode for the RUN instructions during build',
      default: 'default',
    },
    { name: 'no-cache', type: 'bool', usage: 'Do not use cache when building the image' },
    { name: 'platform', type: 'string', usage: 'Set platform if server is multi-platform capable' },
    { name: 'pull', type: 'bool', usage: 'Always attempt to pull a newer version of the image' },
    {
      name: 'quiet',
      short: 'q',
      type: 'bool',
      usage: 'Suppress the build output and print image ID on success',
    },
    {
      name: 'rm',
      type: 'bool',
      usage: 'Remove intermediate containers after a successful build',
      default: 'true',
    },
    { name: 'security-opt', type: 'stringSlice', usage: 'Security options' },
    { name: 'shm-size', type: 'bytes', usage: 'Size of "/dev/shm"' },
    {
      ...EXPERIMENTAL,
      name: 'squash',
      type: 'bool',
      usage: 'Squash newly built layers into a single new layer',
    },
    {
      name: 'tag',
      short: 't',
      type: 'list',
      usage: 'Name and optionally a tag in the "name:tag" format',
    },
    { name: 'target', type: 'string', usage: 'Set the target build stage to build.' },
    { name: 'ulimit', type: 'ulimit', usage: 'Ulimit options', default: '[]', check: checking(parseUlimit) },
  ],
  prune: [
    {
      name: 'all',
      short: 'a',
      type: 'bool',
      usage: 'Remove all unused build cache, not just dangling ones',
    },
    { name: 'filter', type: 'filter', usage: 'Provide filter values (e.g. "until=24h")' },
    { name: 'force', short: 'f', type: 'bool', usage: 'Do not prompt for confirmation' },
    { name: 'keep-storage', type: 'bytes', usage: 'Amount of disk space to keep for cache' },
  ],
})

export type BuildFlags = TypesOfAll<typeof BUILD_FLAGS>
