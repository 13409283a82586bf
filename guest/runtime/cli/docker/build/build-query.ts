/** Writes the flags of `docker build` as parameters of `POST /build`, spelt as Docker's client spells them. */
import type { EngineRequest } from '../../../../protocol/api/engine-transport.ts'
import { readClientConfig } from '../../shared/client-config.ts'
import type { CliContext } from '../../shared/context.ts'
import { cut, parseUlimit } from '../run/checks.ts'
import type { BuildFlags } from '../table/build-flags.ts'

type Query = NonNullable<EngineRequest['query']>

const flag = (value: boolean) => (value ? 1 : undefined)
const number = (value: number) => (value === 0 ? undefined : value)
const text = (value: string) => (value === '' ? undefined : value)
const json = (value: object) => (Object.keys(value).length === 0 ? undefined : JSON.stringify(value))
const list = (values: string[]) => (values.length === 0 ? undefined : values)

/** A variable without a value gets the caller's, or none. */
function buildArgs({ flags, session }: CliContext<BuildFlags['build']>): Record<string, string | null> {
  const entries = flags.list('build-arg').map((argument) => {
    const [name, value] = cut(argument, '=')
    return [name, value ?? session.env[name] ?? null] as const
  })
  return Object.fromEntries(entries)
}

function labels({ flags }: CliContext<BuildFlags['build']>): Record<string, string> {
  return Object.fromEntries(
    flags.list('label').map((label) => {
      const [name, value = ''] = cut(label, '=')
      return [name, value]
    }),
  )
}

function limits({ flags }: CliContext<BuildFlags['build']>): Query {
  const ulimits = flags.list('ulimit').map((ulimit) => parseUlimit(ulimit))
  return {
    memory: number(flags.number('memory')),
    memswap: number(flags.number('memory-swap')),
    cpushares: number(flags.number('cpu-shares')),
    cpuperiod: number(flags.number('cpu-period')),
    cpuquota: number(flags.number('cpu-quota')),
    cpusetcpus: text(flags.string('cpuset-cpus')),
    cpusetmems: text(flags.string('cpuset-mems')),
    cgroupparent: text(flags.string('cgroup-parent')),
    shmsize: number(flags.number('shm-size')),
    ulimits: json(ulimits),
    networkmode: text(flags.string('network')),
    extrahosts: list(flags.list('add-host')),
    securityopt: list(flags.list('security-opt')),
  }
}

export async function buildQuery(context: CliContext<BuildFlags['build']>): Promise<Query> {
  const { flags } = context
  return {
    ...limits(context),
    version: 1,
    t: list(flags.list('tag')),
    q: flag(flags.bool('quiet')),
    nocache: flag(flags.bool('no-cache')),
    rm: flags.bool('rm') ? 1 : 0,
    forcerm: flag(flags.bool('force-rm')),
    pull: flag(flags.bool('pull')),
    isolation: text(flags.string('isolation')),
    target: text(flags.string('target')),
    platform: text(flags.string('platform')),
    buildargs: json(buildArgs(context)),
    labels: json(labels(context)),
    cachefrom: json(flags.list('cache-from')),
  }
}

/** `X-Registry-Config` carries every login, since the client has not read the Dockerfile's images. */
export async function buildHeaders(context: CliContext): Promise<Record<string, string>> {
  const { auths = {} } = await readClientConfig(context)
  const entries = Object.entries(auths).map(([server, { auth = '', identitytoken }]) => {
    const [username = '', ...password] = Buffer.from(auth, 'base64').toString().split(':')
    const entry = { username, password: password.join(':'), serveraddress: server }
    return [server, identitytoken === undefined ? entry : { ...entry, identitytoken }]
  })
  const config = JSON.stringify(Object.fromEntries(entries))
  return { 'x-registry-config': Buffer.from(config).toString('base64url') }
}
