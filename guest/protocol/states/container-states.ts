/**
 * The life of a container as one table: state × action → next state, or the error Docker answers.
 * API conflicts, button states, the state diagram and the docs derive from it. The sentences are dockerd's.
 */
import { EngineError, type ErrorCode } from '../errors.ts'

/** The seven states, as Docker's `State.Status` names them. */
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

/** What a client can ask of a container. */
export const CONTAINER_ACTIONS = [
  'start',
  'stop',
  'restart',
  'kill',
  'pause',
  'unpause',
  'update',
  'rename',
  'exec',
  'attach',
  'resize',
  'top',
  'remove',
  'remove-force',
] as const
export type ContainerAction = (typeof CONTAINER_ACTIONS)[number]

/** What happens to a container without being asked for; never refused, only impossible in some states. */
export const CONTAINER_INCIDENTS = ['exit', 'exit-and-restart', 'restarted', 'removal-failed'] as const
export type ContainerIncident = (typeof CONTAINER_INCIDENTS)[number]

/** In a message `{id}` stands for the container's, `{name}` for what the client called it by. */
export type Transition = { to: ContainerStateName } | { code: ErrorCode; message: string }

const to = (state: ContainerStateName): Transition => ({ to: state })
const conflict = (message: string): Transition => ({ code: 'conflict', message })
const impossible = (message: string): Transition => ({ code: 'internal', message })

const NOT_RUNNING = conflict('container {id} is not running')
const NOT_PAUSED = impossible('Container {id} is not paused')
const RESTARTING = conflict('Container {id} is restarting, wait until the container is running')
const ALREADY_STOPPED: Transition = { code: 'not-modified', message: 'container is already stopped' }
const ALREADY_STARTED: Transition = { code: 'not-modified', message: 'container is already running' }
/** The engine keeps a container's task while it waits for its restart; containerd no longer has one. */
const NO_TASK: Transition = {
  code: 'not-found',
  message: 'no running task found: task {id} not found: not found',
}
const MARKED = conflict('container is marked for removal and cannot be started')
const NO_RESTART = impossible(
  'Cannot restart container {name}: container is marked for removal and cannot be started',
)
const NO_UPDATE: Transition = {
  code: 'internal',
  message: 'Cannot update container {id}: container is marked for removal and cannot be "update"',
}
const NO_REMOVE = (reason: string) => conflict(`cannot remove container "{name}": ${reason}`)
const STOP_FIRST = (state: string) =>
  NO_REMOVE(`container is ${state}: stop the container before removing or force remove`)
const BEING_REMOVED = conflict('removal of container {name} is already in progress')
const NEVER = impossible('container {id} is in no state in which that could happen')

/** Everything that needs a process, in a state that has none. */
const WITHOUT_PROCESS = {
  stop: ALREADY_STOPPED,
  kill: NOT_RUNNING,
  pause: NOT_RUNNING,
  unpause: NOT_PAUSED,
  exec: NOT_RUNNING,
  resize: NOT_RUNNING,
  top: NOT_RUNNING,
  exit: NEVER,
  'exit-and-restart': NEVER,
  restarted: NEVER,
} as const satisfies Partial<Record<ContainerAction | ContainerIncident, Transition>>

/** Created and exited differ only in name: neither has a process, both can get one. */
const startable = (state: 'created' | 'exited') => ({
  ...WITHOUT_PROCESS,
  start: to('running'),
  restart: to('running'),
  update: to(state),
  rename: to(state),
  attach: to(state),
  remove: to('removing'),
  'remove-force': to('removing'),
  'removal-failed': to(state),
})

const MARKED_FOR_REMOVAL = {
  ...WITHOUT_PROCESS,
  start: MARKED,
  restart: NO_RESTART,
  update: NO_UPDATE,
  'removal-failed': to('dead'),
}

export const CONTAINER_TABLE = {
  created: startable('created'),
  running: {
    start: ALREADY_STARTED,
    stop: to('exited'),
    restart: to('running'),
    kill: to('running'),
    pause: to('paused'),
    unpause: NOT_PAUSED,
    update: to('running'),
    rename: to('running'),
    exec: to('running'),
    attach: to('running'),
    resize: to('running'),
    top: to('running'),
    remove: STOP_FIRST('running'),
    'remove-force': to('removing'),
    exit: to('exited'),
    'exit-and-restart': to('restarting'),
    restarted: NEVER,
    'removal-failed': to('running'),
  },
  paused: {
    start: conflict('cannot start a paused container, try unpause instead'),
    stop: to('exited'),
    restart: to('running'),
    kill: to('paused'),
    pause: conflict('Container {id} is already paused'),
    unpause: to('running'),
    update: to('paused'),
    rename: to('paused'),
    exec: conflict('Container {name} is paused, unpause the container before exec'),
    attach: conflict('container {name} is paused, unpause the container before attach'),
    resize: to('paused'),
    top: to('paused'),
    remove: NO_REMOVE('container is paused and must be unpaused first'),
    'remove-force': to('removing'),
    exit: to('exited'),
    'exit-and-restart': to('restarting'),
    restarted: NEVER,
    'removal-failed': to('paused'),
  },
  restarting: {
    start: ALREADY_STARTED,
    stop: to('exited'),
    restart: to('running'),
    kill: to('exited'),
    pause: RESTARTING,
    unpause: NOT_PAUSED,
    update: to('restarting'),
    rename: to('restarting'),
    exec: RESTARTING,
    attach: conflict('container {name} is restarting, wait until the container is running'),
    resize: NO_TASK,
    top: RESTARTING,
    remove: STOP_FIRST('restarting'),
    'remove-force': to('removing'),
    /** Its restart was called off or failed. */
    exit: to('exited'),
    'exit-and-restart': to('restarting'),
    restarted: to('running'),
    'removal-failed': to('restarting'),
  },
  removing: {
    ...MARKED_FOR_REMOVAL,
    rename: to('removing'),
    attach: to('removing'),
    remove: BEING_REMOVED,
    'remove-force': BEING_REMOVED,
  },
  exited: startable('exited'),
  dead: {
    ...MARKED_FOR_REMOVAL,
    rename: to('dead'),
    attach: to('dead'),
    remove: to('removing'),
    'remove-force': to('removing'),
  },
} as const satisfies Record<ContainerStateName, Record<ContainerAction | ContainerIncident, Transition>>

/** The state that `action` leads to. Throws the EngineError that Docker answers when the state does not allow it. */
export function nextState(
  container: { id: string; name: string; state: ContainerStateName },
  action: ContainerAction | ContainerIncident,
): ContainerStateName {
  const transition: Transition = CONTAINER_TABLE[container.state][action]
  if ('to' in transition) return transition.to
  const message = transition.message.replace(/\{(id|name)\}/g, (_, field: 'id' | 'name') => container[field])
  throw new EngineError(transition.code, message, { container: container.id, state: container.state, action })
}

/** Whether a button for `action` makes sense now: neither refused nor already so. */
export function allows(state: ContainerStateName, action: ContainerAction): boolean {
  return 'to' in CONTAINER_TABLE[state][action]
}

/** States in which the container has a process. */
export function hasProcess(state: ContainerStateName): boolean {
  return state === 'running' || state === 'paused'
}
