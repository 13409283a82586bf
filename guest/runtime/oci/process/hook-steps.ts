/** OCI hooks (config.md, POSIX-platform Hooks) as steps; the state on stdin has the pid filled in by the launcher. */
import { EngineError } from '../../../protocol/errors.ts'
import type { Step } from '../../plan/plan.ts'
import type { OciHook, OciSpec } from '../spec.ts'

const encoder = new TextEncoder()
const DEFAULT_TIMEOUT_MS = 0

/** https://github.com/opencontainers/runtime-spec/blob/v1.2.0/runtime.md#state */
export type HookStatus = 'creating' | 'created' | 'running' | 'stopped'

export interface HookState {
  id: string
  bundle: string
  status: HookStatus
  annotations?: Record<string, string>
  ociVersion: string
}

const MARK = '"pid":0'

export function hookSteps(hooks: readonly OciHook[] | undefined, state: HookState): Step[] {
  if (hooks === undefined || hooks.length === 0) return []
  const json = JSON.stringify({ pid: 0, ...state })
  const at = json.indexOf(MARK) + MARK.length - 1
  const stateBefore = encoder.encode(json.slice(0, at))
  const stateAfter = encoder.encode(json.slice(at + 1))
  return hooks.map(({ path, args, env, timeout }) => {
    if (!path.startsWith('/'))
      throw new EngineError('invalid', `hook path '${path}' is not absolute`, { path })
    const timeoutMs = timeout === undefined ? DEFAULT_TIMEOUT_MS : Math.round(timeout * 1000)
    return { op: 'hook', path, argv: args ?? [path], env: env ?? [], timeoutMs, stateBefore, stateAfter }
  })
}

export const hookState = (spec: OciSpec, id: string, bundle: string, status: HookStatus): HookState => ({
  id,
  bundle,
  status,
  ociVersion: spec.ociVersion,
  ...(spec.annotations && { annotations: spec.annotations }),
})
