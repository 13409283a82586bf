/** Docker's sentences about mounts (moby volume/mounts), all as EngineError `invalid`. */
import { EngineError } from '../../../protocol/errors.ts'

export function invalidSpec(spec: string, reason?: string): EngineError {
  return new EngineError('invalid', `invalid volume specification: '${spec}'${reason ? `: ${reason}` : ''}`)
}

export function invalidMode(mode: string): EngineError {
  return new EngineError('invalid', `invalid mode: ${mode}`)
}

export function invalidMount(type: string, reason: string): EngineError {
  return new EngineError('invalid', `invalid mount config for type "${type}": ${reason}`)
}

export function duplicateMountPoint(destination: string): EngineError {
  return new EngineError('invalid', `Duplicate mount point: ${destination}`, { destination })
}
