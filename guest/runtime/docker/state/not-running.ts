/** Answers to actions that came in the moment in which their container ended. */
import { nextState, type ContainerAction } from '../../../protocol/states/container-states.ts'
import { EngineError } from '../../../protocol/errors.ts'
import type { Container } from './container.ts'

/** The state table's answer to `action` after the container's end, although its record does not have the end yet. */
export function notRunning({ id, plainName }: Container, action: ContainerAction): EngineError {
  try {
    nextState({ id, name: plainName, state: 'exited' }, action)
  } catch (error) {
    return EngineError.from(error)
  }
  return new EngineError('conflict', `container ${id} is not running`, {
    container: id,
    state: 'exited',
    action,
  })
}
