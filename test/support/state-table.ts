/**
 * What dockerd 28.5 (API 1.51) answers to each request in each of a container's states, and what state that leaves. Read out
 * of its sources; the functions named are of its package `daemon`. `{id}` and `{name}` are the container's.
 *
 * Two rules explain most of it. `Running` is also true of a container that is paused or waits for its restart, so "running"
 * checks let those pass (container/state.go). And a removal gives the writable layer up and marks the container dead before
 * it takes files away (cleanupContainer), so what is seen as removing answers as the dead do.
 */
import type { ContainerStateName } from '../../guest/protocol/states/container-states.ts'
import type { ActionName } from './container-requests.ts'

export interface Expected {
  status: number
  /** Of a refusal. */
  text?: string
  then: ContainerStateName | 'gone'
}

type Cell = Omit<Expected, 'then'> & { then?: Expected['then'] }
type Row = Record<ContainerStateName, Cell>

const done = (status: number, then?: Expected['then']): Cell => ({ status, ...(then && { then }) })
const refused = (status: number, text: string): Cell => ({ status, text })
/** The state that is asked for is there already: no body. */
const already: Cell = { status: 304, text: '' }

const notRunning = refused(409, 'container {id} is not running')
const restarting = refused(409, 'Container {id} is restarting, wait until the container is running')
const marked = refused(409, 'container is marked for removal and cannot be started')
const noLayer = (name: string) => refused(500, `RWLayer of container ${name} is unexpectedly nil`)

/** The same in every state. */
const always = (cell: Cell): Row => each({ idle: cell, live: cell, leaving: cell })

/** By whether there is, in Docker's eyes, something running: `idle` has no process, `leaving` no files any more. */
function each({ idle, live, leaving }: { idle: Cell; live: Cell; leaving: Cell }): Row {
  return {
    ...{ created: idle, exited: idle },
    ...{ running: live, paused: live, restarting: live },
    ...{ removing: leaving, dead: leaving },
  }
}

export const TABLE: Record<ActionName, Row> = {
  inspect: always(done(200)),
  // validateState looks at Paused, then Running, then at the marks of a removal.
  start: {
    ...each({ idle: done(204, 'running'), live: already, leaving: marked }),
    paused: refused(409, 'cannot start a paused container, try unpause instead'),
  },
  // ContainerStop: whatever does not run is stopped already.
  stop: each({ idle: already, live: done(204, 'exited'), leaving: already }),
  // containerRestart stops what runs and starts it; its errors lose their kind on the way (fmt.Errorf with %v).
  restart: each({
    idle: done(204, 'running'),
    live: done(204, 'running'),
    leaving: refused(
      500,
      'Cannot restart container {name}: container is marked for removal and cannot be started',
    ),
  }),
  // Kill waits for the end; one that waits for its restart only loses that.
  kill: {
    ...always(refused(409, 'cannot kill container: {name}: container {id} is not running')),
    ...{ running: done(204, 'exited'), paused: done(204, 'exited'), restarting: done(204, 'exited') },
  },
  pause: {
    ...always(notRunning),
    running: done(204, 'paused'),
    paused: refused(409, 'Container {id} is already paused'),
    restarting,
  },
  // containerUnpause asks for nothing but Paused, with an error of no kind.
  unpause: { ...always(refused(500, 'Container {id} is not paused')), paused: done(204, 'running') },
  // cleanupContainer
  remove: {
    ...always(done(204, 'gone')),
    running: refused(
      409,
      'cannot remove container "{name}": container is running: stop the container before removing or force remove',
    ),
    paused: refused(409, 'cannot remove container "{name}": container is paused and must be unpaused first'),
    restarting: refused(
      409,
      'cannot remove container "{name}": container is restarting: stop the container before removing or force remove',
    ),
    removing: refused(409, 'removal of container {name} is already in progress'),
  },
  'remove by force': {
    ...always(done(204, 'gone')),
    removing: refused(409, 'removal of container {name} is already in progress'),
  },
  // ContainerRename has no look at the state.
  rename: always(done(204)),
  update: each({
    idle: done(200),
    live: done(200),
    leaving: refused(
      500,
      'Cannot update container {id}: container is marked for removal and cannot be "update"',
    ),
  }),
  // getActiveContainer
  exec: {
    ...always(notRunning),
    running: done(201),
    paused: refused(409, 'Container {name} is paused, unpause the container before exec'),
    restarting,
  },
  // ContainerAttach refuses two states; in any other the stream waits for output that may come.
  attach: {
    ...always(done(200)),
    paused: refused(409, 'container {name} is paused, unpause the container before attach'),
    restarting: refused(409, 'container {name} is restarting, wait until the container is running'),
  },
  // The head goes out before there is anything to tell.
  wait: always(done(200)),
  // GetRunningTask; the task of one that waits for its restart is there for dockerd, but no longer for containerd.
  resize: {
    ...always(notRunning),
    ...{ running: done(200), paused: done(200) },
    restarting: refused(404, 'no running task found: task {id} not found: not found'),
  },
  // openContainerFS → Mount. A HEAD has no body to say why.
  'archive, its head': each({ idle: done(200), live: done(200), leaving: refused(500, '') }),
  'archive, read': each({ idle: done(200), live: done(200), leaving: noLayer('{id}') }),
  'archive, written': each({ idle: done(200), live: done(200), leaving: noLayer('{id}') }),
  export: each({
    idle: done(200),
    live: done(200),
    leaving: refused(409, 'You cannot export container {id} which is Dead'),
  }),
  // A running one stands still meanwhile, a paused one stays so (CreateImageFromContainer).
  commit: each({
    idle: done(201),
    live: done(201),
    leaving: refused(409, 'You cannot commit container {id} which is Dead'),
  }),
  top: { ...always(notRunning), ...{ running: done(200), paused: done(200) }, restarting },
  // Without a process: an answer without figures.
  stats: always(done(200)),
  logs: each({
    idle: done(200),
    live: done(200),
    leaving: refused(409, 'can not get logs from container which is dead or marked for removal'),
  }),
  // images.Changes, which calls the container by its name with the slash.
  changes: each({ idle: done(200), live: done(200), leaving: noLayer('/{name}') }),
  // errRemovalContainer has no kind.
  connect: each({ idle: done(200), live: done(200), leaving: leavingNetworks() }),
  disconnect: each({ idle: done(200), live: done(200), leaving: leavingNetworks() }),
}

function leavingNetworks(): Cell {
  return refused(
    500,
    'Container {id} is marked for removal and cannot be connected or disconnected to the network',
  )
}
