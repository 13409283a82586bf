/** An overlay of directories as one step. */
import { EngineError } from '../../../protocol/errors.ts'
import type { Step } from '../../plan/plan.ts'

/**
 * An overlay in mount(2)'s new form: one `lowerdir+` per layer, so neither a page of options nor colons limit it.
 * @throws EngineError `invalid` for an overlay of nothing
 */
export function overlayStep(
  overlay: { lower: readonly string[]; upper?: string; work?: string },
  target: string,
  attributes = 0n,
): Step {
  if (overlay.lower.length === 0)
    throw new EngineError('invalid', 'an overlay needs at least one lower layer')
  const writable = overlay.upper === undefined ? [] : [`upperdir=${overlay.upper}`, `workdir=${overlay.work}`]
  return {
    op: 'mount-fs',
    target,
    type: 'overlay',
    options: ['source=overlay', ...overlay.lower.map((layer) => `lowerdir+=${layer}`), ...writable],
    attributes,
  }
}
