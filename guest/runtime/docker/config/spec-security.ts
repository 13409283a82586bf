/** Capabilities, seccomp and the other privileges of a Docker container. Source: moby, oci/caps and profiles/seccomp. */
import { ofConstant } from '../../plan/of-constant.ts'
import { parseGoBoolean } from '../../../vocabulary/go-boolean.ts'
import type { HostConfig } from '../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { CAPABILITIES, DOCKER_CAPABILITIES } from '../../oci/process/capabilities.ts'
import { parseSeccompProfile } from '../../oci/seccomp/parse-profile.ts'
import { dockerSeccomp } from '../../oci/seccomp/seccomp-default.ts'
import type { OciCapabilities, OciSeccomp } from '../../oci/spec.ts'
import { normalizeCapability } from './validate-config.ts'

/** Every capability that the engine itself may have; `bounding` as in HostFacts. */
export const allCapabilities = (bounding: bigint): string[] =>
  CAPABILITIES.filter((_, number) => (bounding >> BigInt(number)) & 1n)

/**
 * The capabilities that remain, by Docker's arithmetic (oci/caps/utils.go, TweakCapabilities): ALL counts first, then
 * the single names.
 */
export function capabilitySet(
  config: Pick<HostConfig, 'Privileged' | 'CapAdd' | 'CapDrop'>,
  bounding: bigint,
): readonly string[] {
  if (config.Privileged) return allCapabilities(bounding)
  const { CapAdd, CapDrop } = config
  if (!CapAdd?.length && !CapDrop?.length) return DOCKER_CAPABILITIES
  const added = (CapAdd ?? []).map(normalizeCapability)
  const dropped = (CapDrop ?? []).map(normalizeCapability)
  const from: readonly string[] = added.includes('ALL')
    ? allCapabilities(bounding)
    : dropped.includes('ALL')
      ? []
      : DOCKER_CAPABILITIES
  const kept = from.filter((name) => !dropped.includes(name))
  return [...new Set<string>([...kept, ...added.filter((name) => name !== 'ALL')])]
}

/** A process's sets of capabilities; none is inheritable (CVE-2022-24769). */
export const specCapabilities = ofConstant((names: readonly string[]): OciCapabilities =>
  Object.freeze({ bounding: names, effective: names, permitted: names, inheritable: [], ambient: [] }),
)

/** Whether strconv.ParseBool takes the text. */
const isTruth = (text: string) => parseGoBoolean(text) !== undefined

export interface SecurityOptions {
  noNewPrivileges: boolean
  /** The container may write below its own cgroup; when undefined, only a privileged one may. */
  writableCgroups?: boolean
  /** `unconfined`, or a profile's JSON as the client sent it; undefined for Docker's default. */
  seccomp?: string
}

/**
 * Reads `--security-opt`: key=value, key:value, or one of the words that stand alone. Source: moby, daemon_unix.go,
 * parseSecurityOpt.
 */
export function parseSecurityOptions(options: readonly string[] | null): SecurityOptions {
  const result: SecurityOptions = { noNewPrivileges: false }
  for (const option of options ?? []) {
    if (option === 'no-new-privileges') {
      result.noNewPrivileges = true
      continue
    }
    if (option === 'writable-cgroups') {
      result.writableCgroups = true
      continue
    }
    // `disable` is for SELinux, which this kernel lacks.
    if (option === 'disable') continue
    const at = option.includes('=') ? option.indexOf('=') : option.indexOf(':')
    if (at < 0) throw new EngineError('invalid', `invalid --security-opt 1: "${option}"`)
    const [key, value] = [option.slice(0, at), option.slice(at + 1)]
    if (key === 'seccomp') result.seccomp = value
    else if (key === 'no-new-privileges' && isTruth(value)) result.noNewPrivileges = /^[1t]/i.test(value)
    else if (key === 'writable-cgroups' && isTruth(value)) result.writableCgroups = /^[1t]/i.test(value)
    // This kernel has neither SELinux nor AppArmor: Docker ignores both options on such a host.
    else if (key !== 'label' && key !== 'apparmor')
      throw new EngineError('invalid', `invalid --security-opt 2: "${option}"`)
  }
  return result
}

/**
 * Default profiles by capabilities. A profile's compilation is remembered by the object, and most containers share one
 * profile.
 */
const defaultProfiles = new Map<string, OciSeccomp>()

function defaultProfile(capabilities: readonly string[]): OciSeccomp {
  const key = capabilities.join()
  const profile = defaultProfiles.get(key) ?? Object.freeze(dockerSeccomp(capabilities))
  defaultProfiles.set(key, profile)
  return profile
}

export function specSeccomp(config: HostConfig, capabilities: readonly string[]): OciSeccomp | undefined {
  const { seccomp } = parseSecurityOptions(config.SecurityOpt)
  if (seccomp === 'unconfined' || (seccomp === undefined && config.Privileged)) return undefined
  if (seccomp === undefined || seccomp === 'builtin') return defaultProfile(capabilities)
  return parseSeccompProfile(seccomp)
}
