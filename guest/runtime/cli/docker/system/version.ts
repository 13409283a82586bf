/** `docker version`. */
import type { SystemVersion } from '../../../../protocol/api/engine-api.ts'
import { CliError } from '../../shared/cli-error.ts'
import type { CliContext } from '../../shared/context.ts'
import { ansiTime } from '../../shared/format/durations.ts'
import { withProblem } from '../../shared/format/formatter.ts'
import { alignTabs } from '../../shared/format/tabwriter.ts'
import { TemplateError, type Template } from '../../shared/template/ast.ts'
import { compileTemplate, executeTemplate } from '../../shared/template/execute.ts'
import { fromApi } from '../../shared/template/values.ts'
import { CLIENT_VERSION } from '../../shared/version.ts'
import type { SystemFlags } from '../table/system-flags.ts'

const USAGE_CODE = 64

type Component = SystemVersion['Components'][number]

/** The components; the engine's own entry comes from the top level when it isn't listed. */
function components(version: SystemVersion): Component[] {
  const listed = (version.Components ?? []).map((component) => ({
    ...component,
    Details: { ...component.Details },
  }))
  const engine = listed.find(({ Name }) => Name === 'Engine')
  if (engine !== undefined) {
    if (engine.Details.BuildTime !== undefined) engine.Details.BuildTime = ansiTime(engine.Details.BuildTime)
    return listed
  }
  const { ApiVersion, MinAPIVersion, GitCommit, GoVersion, Os, Arch, BuildTime, Experimental } = version
  const Details = { ApiVersion, MinAPIVersion, GitCommit, GoVersion, Os, Arch }
  const more = { BuildTime: ansiTime(BuildTime), Experimental: String(Experimental === true) }
  return [...listed, { Name: 'Engine', Version: version.Version, Details: { ...Details, ...more } }]
}

function engineLines({ Version, Details: d = {} }: Component): string[] {
  return [
    `  Version:\t${Version}`,
    `  API version:\t${d.ApiVersion} (minimum version ${d.MinAPIVersion})`,
    `  Go version:\t${d.GoVersion}`,
    `  Git commit:\t${d.GitCommit}`,
    `  Built:\t${d.BuildTime}`,
    `  OS/Arch:\t${d.Os}/${d.Arch}`,
    `  Experimental:\t${d.Experimental}`,
  ]
}

function componentLines(component: Component): string[] {
  if (component.Name === 'Engine') return engineLines(component)
  const details = Object.entries(component.Details ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  return [`  Version:\t${component.Version}`, ...details.map(([key, value]) => `  ${key}:\t${value}`)]
}

function pretty(client: ReturnType<typeof clientInfo>, server: SystemVersion): string {
  const name = server.Platform?.Name
  const lines = [
    'Client:',
    ` Version:\t${client.Version}`,
    ` API version:\t${client.ApiVersion}`,
    ` Go version:\t${client.GoVersion}`,
    ` Git commit:\t${client.GitCommit}`,
    ` Built:\t${client.BuildTime}`,
    ` OS/Arch:\t${client.Os}/${client.Arch}`,
    ` Context:\t${client.Context}`,
    '',
    `Server:${name ? ` ${name}` : ''}`,
    ...server.Components.flatMap((component) => [` ${component.Name}:`, ...componentLines(component)]),
  ]
  return alignTabs(`${lines.join('\n')}\n`, { minWidth: 20, padding: 1 })
}

/** The client is part of the engine, so it answers the engine's value for what cannot differ. */
export function clientInfo(server: SystemVersion) {
  return {
    Version: CLIENT_VERSION.version,
    ApiVersion: CLIENT_VERSION.apiVersion,
    DefaultAPIVersion: CLIENT_VERSION.apiVersion,
    GitCommit: server.GitCommit,
    GoVersion: server.GoVersion,
    Os: server.Os,
    Arch: server.Arch,
    BuildTime: ansiTime(server.BuildTime),
    Context: 'default',
  }
}

function compiled(format: string): Template | undefined {
  if (format === '') return undefined
  try {
    return compileTemplate(format === 'json' ? '{{json .}}' : format)
  } catch (error) {
    if (error instanceof TemplateError)
      throw new CliError(`template parsing error: ${error.message}`, USAGE_CODE)
    throw error
  }
}

export async function version({ flags, api, session }: CliContext<SystemFlags['version']>): Promise<number> {
  const template = compiled(flags.string('format'))
  const answer = await api.json('GET', '/version')
  const server = { ...answer, Components: components(answer) }
  const client = clientInfo(answer)
  if (template === undefined) {
    await session.stdout.write(pretty(client, server))
    return 0
  }
  const data = {
    Client: { ...client, APIVersion: client.ApiVersion },
    // The API leaves the field out when it is false; Go's struct always has it.
    Server: { ...server, APIVersion: server.ApiVersion, Experimental: server.Experimental === true },
  }
  const bare = { Client: client, Server: server }
  const asJson = flags.string('format') === 'json' || flags.string('format') === '{{json .}}'
  const text = withProblem('template parsing error', () =>
    executeTemplate(template, fromApi(asJson ? bare : data)),
  )
  await session.stdout.write(`${text}\n`)
  return 0
}
