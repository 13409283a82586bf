/** `docker info`. */
import type { SystemInfo } from '../../../../protocol/api/engine-api.ts'
import { CliError } from '../../shared/cli-error.ts'
import { readClientConfig } from '../../shared/client-config.ts'
import type { CliContext } from '../../shared/context.ts'
import { bytesSize } from '../../shared/format/sizes.ts'
import { DOCKER_HUB_SERVER } from '../image/registry-auth.ts'
import { TemplateError, type Template } from '../../shared/template/ast.ts'
import { compileTemplate, executeTemplate } from '../../shared/template/execute.ts'
import { fromApi } from '../../shared/template/values.ts'
import { CLIENT_VERSION } from '../../shared/version.ts'
import { clientInfo } from './version.ts'
import type { SystemFlags } from '../table/system-flags.ts'

/** Prints a line, unless its value is empty. */
const optional = (label: string, value: string | undefined): string[] => (value ? [`${label} ${value}`] : [])

function securityLines(options: readonly string[]): string[] {
  if (options.length === 0) return []
  const lines = options.flatMap((option) => {
    const pairs = option.split(',').map((pair) => pair.split('=') as [string, string?])
    const name = pairs.find(([key]) => key === 'name')?.[1] ?? option
    const profiles = pairs.filter(([key]) => key === 'profile').map(([, value]) => `   Profile: ${value}`)
    return [`  ${name}`, ...profiles]
  })
  return [' Security Options:', ...lines]
}

function registryLines({ RegistryConfig }: SystemInfo): string[] {
  const insecure = Object.values(RegistryConfig?.IndexConfigs ?? {}).filter(({ Secure }) => !Secure)
  const ranges = RegistryConfig?.InsecureRegistryCIDRs ?? []
  const any = ranges.length > 0 || Object.keys(RegistryConfig?.IndexConfigs ?? {}).length > 0
  const mirrors = RegistryConfig?.Mirrors ?? []
  return [
    ...(any
      ? [
          ' Insecure Registries:',
          ...insecure.map(({ Name }) => `  ${Name}`),
          ...ranges.map((range) => `  ${range}`),
        ]
      : []),
    ...(mirrors.length > 0 ? [' Registry Mirrors:', ...mirrors.map((mirror) => `  ${mirror}`)] : []),
  ]
}

function engineLines(info: SystemInfo): string[] {
  const { Plugins } = info
  return [
    ` Containers: ${info.Containers}`,
    `  Running: ${info.ContainersRunning}`,
    `  Paused: ${info.ContainersPaused}`,
    `  Stopped: ${info.ContainersStopped}`,
    ` Images: ${info.Images}`,
    ...optional(' Server Version:', info.ServerVersion),
    ...optional(' Storage Driver:', info.Driver),
    ...(info.DriverStatus ?? []).map(([key, value]) => `  ${key}: ${value}`),
    ...optional(' Logging Driver:', info.LoggingDriver),
    ...optional(' Cgroup Driver:', info.CgroupDriver),
    ...optional(' Cgroup Version:', info.CgroupVersion),
    ' Plugins:',
    `  Volume: ${(Plugins?.Volume ?? []).join(' ')}`,
    `  Network: ${(Plugins?.Network ?? []).join(' ')}`,
    ...optional('  Authorization:', (Plugins?.Authorization ?? []).join(' ')),
    `  Log: ${(Plugins?.Log ?? []).join(' ')}`,
    ...(info.CDISpecDirs?.length
      ? [' CDI spec directories:', ...info.CDISpecDirs.map((dir) => `  ${dir}`)]
      : []),
    ` Swarm: ${info.Swarm?.LocalNodeState ?? 'inactive'}`,
  ]
}

function runtimeLines(info: SystemInfo): string[] {
  const names = Object.keys(info.Runtimes ?? {})
  return [
    ...(names.length > 0
      ? [` Runtimes: ${names.join(' ')}`, ` Default Runtime: ${info.DefaultRuntime}`]
      : []),
    ` Init Binary: ${info.InitBinary}`,
    ` containerd version: ${info.ContainerdCommit?.ID ?? ''}`,
    ` runc version: ${info.RuncCommit?.ID ?? ''}`,
    ` init version: ${info.InitCommit?.ID ?? ''}`,
    ...securityLines(info.SecurityOptions ?? []),
  ]
}

function hostLines(info: SystemInfo, user: string): string[] {
  return [
    ...optional(' Kernel Version:', info.KernelVersion),
    ...optional(' Operating System:', info.OperatingSystem),
    ...optional(' OSType:', info.OSType),
    ...optional(' Architecture:', info.Architecture),
    ` CPUs: ${info.NCPU}`,
    ` Total Memory: ${bytesSize(info.MemTotal)}`,
    ...optional(' Name:', info.Name),
    ...optional(' ID:', info.ID),
    ` Docker Root Dir: ${info.DockerRootDir}`,
    ` Debug Mode: ${info.Debug}`,
    ...optional(' HTTP Proxy:', info.HttpProxy),
    ...optional(' HTTPS Proxy:', info.HttpsProxy),
    ...optional(' No Proxy:', info.NoProxy),
    ...optional(' Username:', user),
    ...(info.Labels?.length ? [' Labels:', ...info.Labels.map((label) => `  ${label}`)] : []),
    ` Experimental: ${info.ExperimentalBuild}`,
    ...registryLines(info),
    ` Live Restore Enabled: ${info.LiveRestoreEnabled}`,
  ]
}

function pretty(info: SystemInfo, user: string): string {
  const client = [
    'Client:',
    ` Version:    ${CLIENT_VERSION.version}`,
    ' Context:    default',
    ' Debug Mode: false',
  ]
  const server = ['Server:', ...engineLines(info), ...runtimeLines(info), ...hostLines(info, user)]
  return [...client, '', ...server, '', ''].join('\n')
}

async function userName(context: CliContext): Promise<string> {
  const entry = (await readClientConfig(context)).auths?.[DOCKER_HUB_SERVER]
  return entry?.auth === undefined ? '' : Buffer.from(entry.auth, 'base64').toString().split(':')[0]!
}

export async function info(context: CliContext<SystemFlags['info']>): Promise<number> {
  const { flags, api, session } = context
  const format = flags.string('format')
  const answer = await api.json('GET', '/info')
  if (format === '') {
    await session.stdout.write(pretty(answer, await userName(context)))
    for (const warning of answer.Warnings ?? []) await session.stderr.write(`${warning}\n`)
    return 0
  }
  const needsClient = /json|ClientInfo/.test(format)
  const version = needsClient ? await api.json('GET', '/version') : undefined
  const client = version && {
    ClientInfo: { Debug: false, ...clientInfo(version), Plugins: [], Warnings: null },
  }
  const template = parsedFormat(format === 'json' ? '{{json .}}' : format)
  try {
    const text = executeTemplate(template, fromApi({ ...answer, ...client }), {
      rootType: 'system.dockerInfo',
    })
    await session.stdout.write(`${text}\n`)
    return 0
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    await session.stdout.write('\n')
    throw new CliError(error.message)
  }
}

function parsedFormat(format: string): Template {
  try {
    return compileTemplate(format)
  } catch (error) {
    if (error instanceof TemplateError) throw new CliError(`template parsing error: ${error.message}`, 64)
    throw error
  }
}
