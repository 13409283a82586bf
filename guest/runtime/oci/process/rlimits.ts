/** Resource limits: names of the OCI specification (POSIX process, rlimits) → RLIMIT_* of asm-generic/resource.h. */
import { EngineError } from '../../../protocol/errors.ts'
import type { OciProcess } from '../spec.ts'
import type { Step } from '../../plan/plan.ts'

export const RLIMITS = {
  RLIMIT_CPU: 0,
  RLIMIT_FSIZE: 1,
  RLIMIT_DATA: 2,
  RLIMIT_STACK: 3,
  RLIMIT_CORE: 4,
  RLIMIT_RSS: 5,
  RLIMIT_NPROC: 6,
  RLIMIT_NOFILE: 7,
  RLIMIT_MEMLOCK: 8,
  RLIMIT_AS: 9,
  RLIMIT_LOCKS: 10,
  RLIMIT_SIGPENDING: 11,
  RLIMIT_MSGQUEUE: 12,
  RLIMIT_NICE: 13,
  RLIMIT_RTPRIO: 14,
  RLIMIT_RTTIME: 15,
} as const

const UNLIMITED = (1n << 64n) - 1n

/** JSON cannot hold RLIM_INFINITY exactly; -1 and anything a double rounds up to 2^64 mean it. */
function limit(value: number | bigint): bigint {
  const whole = BigInt(value)
  return whole < 0n || whole > UNLIMITED ? UNLIMITED : whole
}

export function rlimitSteps(process: OciProcess): Step[] {
  const seen = new Set<string>()
  return (process.rlimits ?? []).map(({ type, soft, hard }) => {
    const resource = RLIMITS[type as keyof typeof RLIMITS]
    if (resource === undefined) throw new EngineError('invalid', `rlimit: unknown type "${type}"`, { type })
    if (seen.has(type)) throw new EngineError('invalid', `rlimit: duplicate type "${type}"`, { type })
    seen.add(type)
    return { op: 'rlimit', resource, soft: limit(soft), hard: limit(hard) }
  })
}
