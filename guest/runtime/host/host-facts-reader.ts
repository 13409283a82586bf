/** Reads what the machine is: once, at start-up. */
import { existsSync, readFileSync } from 'node:fs'
import { cpus, hostname, machine, release, totalmem } from 'node:os'
import type { EnginePaths } from './engine-paths.ts'

export interface ReadFacts {
  hostname: string
  cpus: number
  memory: number
  kernel: string
  machine: string
  operatingSystem: string
  osVersion: string
  controllers: readonly string[]
  capabilities: bigint
  cpuset: string
  buildId: string
}

const textOf = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '')

/** os-release(5): KEY=value or KEY="value". */
function osRelease(key: string): string {
  const value = new RegExp(`^${key}="?([^"\\n]*)"?$`, 'm').exec(textOf('/etc/os-release'))?.[1]
  return value ?? ''
}

/** The page compares it with its own before a session: the kernel command line has it, on a developer's machine a file. */
function buildId(paths: EnginePaths): string {
  return /(?:^|\s)porthole\.build=(\S+)/.exec(textOf('/proc/cmdline'))?.[1] ?? textOf(paths.buildId).trim()
}

export function readHostFacts(paths: EnginePaths): ReadFacts {
  const count = Math.max(1, cpus().length)
  const present = textOf('/sys/devices/system/cpu/online').trim()
  return {
    hostname: hostname(),
    cpus: count,
    memory: totalmem(),
    kernel: release(),
    machine: machine(),
    operatingSystem: osRelease('PRETTY_NAME') || 'Linux',
    osVersion: osRelease('VERSION_ID'),
    controllers: textOf(`${paths.cgroupRoot}/cgroup.controllers`).trim().split(/\s+/).filter(Boolean),
    capabilities: BigInt(`0x${/^CapBnd:\t([0-9a-f]+)$/m.exec(textOf('/proc/self/status'))?.[1] ?? '0'}`),
    cpuset: present || (count === 1 ? '0' : `0-${count - 1}`),
    buildId: buildId(paths),
  }
}
