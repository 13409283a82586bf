/** The seven states of a container, as Docker's `State.Status` names them. */
export const CONTAINER_STATES = [
  'created',
  'running',
  'paused',
  'restarting',
  'removing',
  'exited',
  'dead',
] as const
export type ContainerStateName = (typeof CONTAINER_STATES)[number]
