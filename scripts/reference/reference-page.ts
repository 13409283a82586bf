/** Makes docs/reference.md, which tells how much of Docker is here, from the engine's own tables. */
import { METHODS, type Route } from '../../guest/runtime/docker/api/api-types.ts'
import { engineApiRoutes } from '../../guest/runtime/docker/api/engine-api-routes.ts'
import { REFUSED } from '../../guest/runtime/docker/api/routes/refused.ts'
import { COMMANDS, findCommand } from '../../guest/runtime/cli/docker/table/table.ts'
import { DOCKER_COMMANDS } from './docker-commands.ts'
import { DOCKER_ENDPOINTS } from './docker-endpoints.ts'

export type State = 'works' | 'refused' | 'out of scope' | 'missing'

export interface Row {
  /** `GET /containers/json`, `docker ps`. */
  name: string
  state: State
  /** The reason why it does not work, if it does not. */
  reason: string
}

const SWARM = 'swarm is out of scope'
const OUT_OF_SCOPE_TAGS: Record<string, string> = {
  Swarm: SWARM,
  Node: SWARM,
  Service: SWARM,
  Task: SWARM,
  Secret: SWARM,
  Config: SWARM,
  Plugin: 'plugins are out of scope',
}

/** First words of a command → why commands that begin so are out of scope. */
const OUT_OF_SCOPE_COMMANDS: Record<string, string> = {
  swarm: SWARM,
  node: SWARM,
  service: SWARM,
  stack: SWARM,
  secret: SWARM,
  config: SWARM,
  'volume update': 'cluster volumes belong to swarm',
  plugin: 'plugins are out of scope',
  bake: 'buildx is out of scope',
  context: 'contexts are out of scope: there is one engine',
  trust:
    'plugins are out of scope, and this is one (docker-trust) since Docker 29: a client of Notary, which is retired',
}

/** Docker's own engine also refuses these unless it is started with experimental features. */
const REFUSED_COMMANDS: Record<string, string> = {
  checkpoint:
    "experimental, and off as in Docker's default (CRIU, which it needs, has no build for 32-bit x86)",
}

const reasonIn = (reasons: Record<string, string>, path: string) =>
  Object.entries(reasons).find(([words]) => path === words || path.startsWith(`${words} `))?.[1]

/** Only the table is read: building it calls no handler and touches nothing of what handlers need. */
function routes(): Route[] {
  const none = new Proxy({}, { get: () => none }) as never
  return engineApiRoutes(none, none, none, none)
}

const shape = (name: string) => name.replace(/\{[^}]+\}/g, '{}')

export function endpointRows(): Record<string, Row[]> {
  const served = new Set(routes().map(({ method, pattern }) => shape(`${method} ${pattern}`)))
  const refused = new Map(
    REFUSED.map(({ method, pattern, reason }) => [shape(`${method} ${pattern}`), reason]),
  )
  const row = (tag: string, name: string): Row => {
    const outside = OUT_OF_SCOPE_TAGS[tag]
    if (outside !== undefined) return { name, state: 'out of scope', reason: outside }
    const reason = refused.get(shape(name))
    if (reason !== undefined) return { name, state: 'refused', reason }
    return { name, state: served.has(shape(name)) ? 'works' : 'missing', reason: '' }
  }
  return Object.fromEntries(
    Object.entries(DOCKER_ENDPOINTS).map(([tag, names]) => [tag, names.map((name) => row(tag, name))]),
  )
}

/** The endpoints that the engine serves beyond Docker's API. */
export function ownEndpoints(): string[] {
  const docker = new Set(Object.values(DOCKER_ENDPOINTS).flat().map(shape))
  return routes()
    .filter(({ method, pattern }) => METHODS.includes(method) && !docker.has(shape(`${method} ${pattern}`)))
    .map(({ method, pattern }) => `${method} ${pattern}`)
}

export function commandRows(): Row[] {
  return DOCKER_COMMANDS.map((path) => {
    const name = `docker ${path}`
    const outside = reasonIn(OUT_OF_SCOPE_COMMANDS, path)
    if (outside !== undefined) return { name, state: 'out of scope', reason: outside }
    const refused = reasonIn(REFUSED_COMMANDS, path)
    if (refused !== undefined) return { name, state: 'refused', reason: refused }
    return { name, state: findCommand(path) === undefined ? 'missing' : 'works', reason: '' }
  })
}

/** The commands of the table that Docker's list does not have: those of compose. */
function ownCommands(): string[] {
  const docker = new Set(DOCKER_COMMANDS)
  return COMMANDS.map(({ group, name }) => [group, name].filter(Boolean).join(' '))
    .filter((path) => !docker.has(path))
    .map((path) => `docker ${path}`)
}

const stateOf = ({ state, reason }: Row) => (reason === '' ? state : `${state}: ${reason}`)

const table = (heading: string, rows: Row[]) => [
  `| ${heading} | state |`,
  '| --- | --- |',
  ...rows.map((row) => `| \`${row.name}\` | ${stateOf(row)} |`),
  '',
]

export function referencePage(): string {
  return [
    '# Reference',
    '',
    'Made by `npm run reference` from the route table and the command table of the engine; a test holds it current.',
    '',
    '## Engine API 1.51',
    '',
    "Docker's own descriptions hold: https://docs.docker.com/reference/api/engine/version/v1.51/. Clients of 1.24 and later are served.",
    '',
    ...Object.entries(endpointRows()).flatMap(([tag, rows]) => [
      `### ${tag}`,
      '',
      ...table('endpoint', rows),
    ]),
    "### Beyond Docker's",
    '',
    ...ownEndpoints().map((name) => `- \`${name}\``),
    '',
    '## Command line',
    '',
    "Flags, output and exit codes are those of Docker's command line 26.1, Debian's: https://docs.docker.com/reference/cli/docker/.",
    '',
    ...table('command', commandRows()),
    "### Beyond Docker's list",
    '',
    ...ownCommands().map((name) => `- \`${name}\``),
    '',
  ].join('\n')
}
