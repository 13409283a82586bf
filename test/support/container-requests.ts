/** Everything the Engine API can be asked of one container, one request each. */
import type { EngineRequest, EngineTransport } from '../../guest/protocol/api/engine-transport.ts'
import { ask, askForHead, type Answer } from './engine-answers.ts'
import { makeTar } from './make-tar.ts'

/** The container as its requests name it. */
export interface Named {
  id: string
  name: string
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

export const putArchive = (name: string, path: string, tar: Uint8Array): EngineRequest => ({
  method: 'PUT',
  path: `/containers/${name}/archive`,
  query: { path },
  body: { bytes: once(tar), contentType: 'application/x-tar' },
})

const FILE = makeTar([{ name: 'put', content: 'by a test' }])
const post = (rest: Partial<EngineRequest> = {}) => ({ method: 'POST', ...rest }) as const
const get = (query: EngineRequest['query'] = {}) => ({ method: 'GET', query }) as const

interface Action {
  /** Behind `/containers/{name}`, unless `path` has it all. */
  below?: string
  path?: (container: Named) => string
  request(container: Named): Omit<EngineRequest, 'path'>
  /** Its answer does not end, or is too much to take. */
  headOnly?: boolean
}

let names = 0

export const ACTIONS = {
  inspect: { below: '/json', request: () => get() },
  start: { below: '/start', request: () => post() },
  stop: { below: '/stop', request: () => post({ query: { t: 0 } }) },
  restart: { below: '/restart', request: () => post({ query: { t: 0 } }) },
  kill: { below: '/kill', request: () => post() },
  pause: { below: '/pause', request: () => post() },
  unpause: { below: '/unpause', request: () => post() },
  remove: { below: '', request: () => ({ method: 'DELETE' }) },
  'remove by force': { below: '', request: () => ({ method: 'DELETE', query: { force: true } }) },
  rename: { below: '/rename', request: () => post({ query: { name: `renamed-${names++}` } }) },
  update: { below: '/update', request: () => post({ body: { json: { CpuShares: 512 } } }) },
  exec: { below: '/exec', request: () => post({ body: { json: { Cmd: ['true'] } } }) },
  attach: {
    below: '/attach',
    request: () => post({ query: { stream: true, stdout: true } }),
    headOnly: true,
  },
  wait: { below: '/wait', request: () => post(), headOnly: true },
  resize: { below: '/resize', request: () => post({ query: { h: 24, w: 80 } }) },
  'archive, its head': {
    below: '/archive',
    request: () => ({ method: 'HEAD', query: { path: '/etc/passwd' } }),
  },
  'archive, read': { below: '/archive', request: () => get({ path: '/etc/passwd' }) },
  'archive, written': {
    below: '/archive',
    request: ({ name }) => putArchive(name, '/tmp', FILE),
  },
  export: { below: '/export', request: () => get(), headOnly: true },
  commit: {
    path: () => '/commit',
    request: ({ name }) => post({ query: { container: name, repo: 'state-table' }, body: { json: {} } }),
  },
  top: { below: '/top', request: () => get() },
  stats: { below: '/stats', request: () => get({ stream: false, 'one-shot': true }) },
  logs: { below: '/logs', request: () => get({ stdout: true }) },
  changes: { below: '/changes', request: () => get() },
  connect: {
    path: () => '/networks/side/connect',
    request: ({ name }) => post({ body: { json: { Container: name } } }),
  },
  disconnect: {
    path: () => '/networks/side/disconnect',
    request: ({ name }) => post({ body: { json: { Container: name } } }),
  },
} satisfies Record<string, Action>

export type ActionName = keyof typeof ACTIONS

export function perform(transport: EngineTransport, action: ActionName, container: Named): Promise<Answer> {
  const { below, path, request, headOnly }: Action = ACTIONS[action]
  const target = path ? path(container) : `/containers/${container.name}${below}`
  const whole = { ...request(container), path: target }
  return headOnly ? askForHead(transport, whole) : ask(transport, whole)
}
