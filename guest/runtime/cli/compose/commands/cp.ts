/** `docker compose cp`: `docker cp` with the container of a service. */
import { CliError } from '../../shared/cli-error.ts'
import { projectName, runDockerCommand, type ComposeContext } from '../context.ts'
import { listContainers, numberOf } from '../engine/containers.ts'
import type { ComposeFlags } from '../flags.ts'

interface Place {
  service: string | undefined
  path: string
}

/** Splits `web:/path`; text that begins like a path is a path of the caller. */
function parsePlace(text: string): Place {
  const at = text.indexOf(':')
  if (/^[./]/.test(text) || at < 0) return { service: undefined, path: text }
  return { service: text.slice(0, at), path: text.slice(at + 1) }
}

/** Copies into every container of the service, or out of the first one. */
export async function cp(context: ComposeContext<ComposeFlags['cp']>): Promise<number> {
  const { api, args, flags } = context
  const [from, to] = args.map(parsePlace) as [Place, Place]
  if (args[0] === '') throw new CliError('source can not be empty')
  if (args[1] === '') throw new CliError('destination can not be empty')
  const service = from.service ?? to.service
  if (service === undefined) throw new CliError('unknown copy direction')
  if (from.service !== undefined && to.service !== undefined)
    throw new CliError('copying between services is not supported')
  const containers = await listContainers(api, await projectName(context), {
    ...{ oneOff: 'exclude', all: true, services: [service], index: flags.number('index') },
  })
  if (containers.length === 0) throw new CliError(`no container found for service ${JSON.stringify(service)}`)
  const ordered = containers.sort((a, b) => numberOf(a) - numberOf(b))
  const options = [
    ...(flags.bool('archive') ? ['--archive'] : []),
    ...(flags.bool('follow-link') ? ['--follow-link'] : []),
  ]
  const place = ({ service: own, path }: Place, id: string): string =>
    own === undefined ? path : `${id}:${path}`
  for (const { Id } of from.service === undefined ? ordered : ordered.slice(0, 1)) {
    const code = await runDockerCommand(context, 'cp', [...options, place(from, Id), place(to, Id)])
    if (code !== 0) return code
  }
  return 0
}
