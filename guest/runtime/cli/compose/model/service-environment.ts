/** Reads `env_file` and `label_file` of services; what the service sets itself takes precedence. */
import { posix } from 'node:path'
import { EXIT, ModelError } from './compose-error.ts'
import { parseEnvFile } from './dotenv.ts'
import { readComposeText } from './compose-file.ts'
import type { ProjectSource } from './locate-project.ts'
import type { Project } from './project.ts'
import { byText } from './yaml/tree.ts'
import type { Environment, Labels, Service } from './types.ts'

const sorted = <T>(values: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(values).sort(([a], [b]) => byText(a, b)))

type Reading = Pick<ProjectSource, 'files' | 'warn' | 'cwd'>

/** `env_file` becomes part of `environment`. @throws ModelError */
export async function withEnvironmentResolved(project: Project, reading: Reading): Promise<Project> {
  const services: Record<string, Service> = {}
  for (const [name, service] of Object.entries(project.services)) {
    services[name] = await resolveEnvironment(service, project, reading)
  }
  return { ...project, services }
}

async function resolveEnvironment(
  service: Service,
  { environment }: Project,
  { files, warn, cwd }: Reading,
): Promise<Service> {
  const { env_file: envFiles = [], ...rest } = service
  const values: Environment = {}
  for (const entry of envFiles) {
    const {
      path,
      required,
      format = '',
    } = typeof entry === 'string' ? { path: entry, required: true } : { format: '', ...entry }
    if (!(await files.exists(posix.resolve(cwd, path)))) {
      if (!required) continue
      throw new ModelError(
        `env file ${path} not found: stat ${path}: no such file or directory`,
        EXIT.notFound,
      )
    }
    if (format !== '' && format !== 'raw')
      throw new ModelError(`unsupported env_file format ${JSON.stringify(format)}`)
    const text = await readComposeText(files, posix.resolve(cwd, path))
    Object.assign(
      values,
      format === 'raw'
        ? parseRaw(text)
        : parseEnvFile(
            text,
            (name) => values[name] ?? environment[name],
            (name) => warn(`The "${name}" variable is not set. Defaulting to a blank string.`),
          ),
    )
  }
  for (const [name, value] of Object.entries(service.environment ?? {}))
    values[name] = value ?? environment[name] ?? null
  if (Object.keys(values).length === 0) return rest
  const kept: Service = { ...service, environment: sorted(values) }
  delete kept.env_file
  return kept
}

/** Reads lines as they are: no quotes, no variables. */
function parseRaw(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => line.includes('=') && !line.trimStart().startsWith('#'))
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )
}

/** `label_file` becomes part of `labels`. @throws ModelError */
export async function withLabelsResolved(project: Project, { files, cwd }: Reading): Promise<Project> {
  const services: Record<string, Service> = {}
  for (const [name, service] of Object.entries(project.services)) {
    const { label_file: labelFiles } = service
    if (labelFiles === undefined) {
      services[name] = service
      continue
    }
    const labels: Labels = {}
    for (const path of labelFiles) {
      if (!(await files.exists(posix.resolve(cwd, path))))
        throw new ModelError(
          `label file ${path} not found: stat ${path}: no such file or directory`,
          EXIT.notFound,
        )
      const text = await readComposeText(files, posix.resolve(cwd, path))
      Object.assign(
        labels,
        parseEnvFile(
          text,
          (key) => labels[key],
          () => undefined,
        ),
      )
    }
    const kept: Service = { ...service, labels: sorted({ ...labels, ...service.labels }) }
    delete kept.label_file
    services[name] = kept
  }
  return { ...project, services }
}
