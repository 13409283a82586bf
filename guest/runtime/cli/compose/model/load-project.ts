/** From the command line's `-f`, `-p`, `--env-file` … and the environment to a project (compose-go's cli package). */
import { posix } from 'node:path'
import type { CliFiles } from '../../context.ts'
import { ModelError } from './compose-error.ts'
import { checkConsistency } from './consistency.ts'
import { decodeProject } from './decode-project.ts'
import { parseEnvFile } from './dotenv.ts'
import { readEnvironmentFiles } from './include.ts'
import { interpolate } from './interpolate.ts'
import {
  folderOf,
  loadFiles,
  readComposeText,
  type ComposeFile,
  type FileSet,
  type LoadOptions,
} from './load-files.ts'
import { normalize } from './normalize.ts'
import { parseYaml } from './parse-yaml.ts'
import { withProfiles, type Project } from './project.ts'
import { byText, isDict, type Dict } from './tree.ts'
import type { Environment, Labels, Service } from './types.ts'

export interface ProjectSource {
  files: CliFiles
  cwd: string
  home: string
  warn: (message: string) => void
  /** Of the caller. */
  environment: Readonly<Record<string, string>>
  readStdin: () => Promise<string>
  /** `-f`, in order; empty: COMPOSE_FILE, or the usual names up the tree. */
  configPaths: readonly string[]
  /** `--env-file`, absolute. */
  envFiles: readonly string[]
  /** `-p`. */
  projectName: string
  projectDirectory: string
  profiles: readonly string[]
}

type Variables = Readonly<Record<string, string>>

export interface ModelOptions {
  interpolation: boolean
  pathResolution: boolean
  normalization: boolean
  consistency: boolean
  /** Reads `env_file`. */
  environmentResolution: boolean
  /** Keeps the keys `x-…`. */
  extensions: boolean
}

export const FULL_MODEL: ModelOptions = {
  interpolation: true,
  pathResolution: true,
  normalization: true,
  consistency: true,
  environmentResolution: true,
  extensions: false,
}

const FILE_NAMES = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml']
const OVERRIDE_NAMES = [
  ...['compose.override.yml', 'compose.override.yaml'],
  ...['docker-compose.override.yml', 'docker-compose.override.yaml'],
]

async function existing(files: CliFiles, folder: string, names: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (const name of names) {
    const path = posix.join(folder, name)
    if (await files.exists(path)) found.push(path)
  }
  return found
}

async function discover({ files, warn }: ProjectSource, start: string): Promise<string[]> {
  for (let folder = start; ; folder = folderOf(folder)) {
    const found = await existing(files, folder, FILE_NAMES)
    const first = found[0]
    if (first !== undefined) {
      if (found.length > 1) {
        warn(`Found multiple config files with supported names: ${found.join(', ')}`)
        warn(`Using ${first}`)
      }
      const overrides = await existing(files, folder, OVERRIDE_NAMES)
      if (overrides.length > 1) {
        warn(`Found multiple override files with supported names: ${overrides.join(', ')}`)
        warn(`Using ${overrides[0]!}`)
      }
      return [first, ...overrides.slice(0, 1)]
    }
    if (folder === '/') return []
  }
}

async function findConfigPaths(source: ProjectSource, environment: Variables): Promise<string[]> {
  const { files, cwd, configPaths, projectDirectory } = source
  if (configPaths.length > 0)
    return configPaths.map((path) => (path === '-' ? path : posix.resolve(cwd, path)))
  const listed = environment.COMPOSE_FILE
  if (listed !== undefined) {
    const separator = environment.COMPOSE_PATH_SEPARATOR ?? ''
    const paths = listed.split(separator === '' ? ':' : separator).map((path) => posix.resolve(cwd, path))
    for (const path of paths) {
      if (!(await files.exists(path))) throw new ModelError(`stat ${path}: no such file or directory`, 14)
    }
    return paths
  }
  return discover(source, projectDirectory === '' ? cwd : posix.resolve(cwd, projectDirectory))
}

function workingDirectory({ cwd, projectDirectory }: ProjectSource, configPaths: readonly string[]): string {
  if (projectDirectory !== '') return posix.resolve(cwd, projectDirectory)
  const first = configPaths.find((path) => path !== '-')
  return first === undefined ? cwd : folderOf(first)
}

const isTrue = (text: string | undefined): boolean =>
  ['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text ?? '')

async function environmentFiles(
  source: ProjectSource,
  environment: Variables,
  folder: string,
): Promise<readonly string[]> {
  if (source.envFiles.length > 0) return source.envFiles
  const listed = environment.COMPOSE_ENV_FILES ?? ''
  if (listed !== '') return listed.split(',').map((path) => posix.resolve(source.cwd, path))
  if (isTrue(environment.COMPOSE_DISABLE_ENV_FILE)) return []
  const path = posix.join(folder, '.env')
  return (await source.files.exists(path)) ? [path] : []
}

export interface ProjectPlace {
  configPaths: string[]
  workingDir: string
  /** The caller's over what the environment files say. */
  environment: Variables
}

/** Where the project is and which variables it sees; the files may be missing. @throws ModelError */
export async function locateProject(source: ProjectSource): Promise<ProjectPlace> {
  let environment: Variables = source.environment
  // The first look finds `.env`, which may name the compose files.
  const first = await findConfigPaths(source, environment)
  const envFiles = await environmentFiles(source, environment, workingDirectory(source, first))
  environment = { ...(await readEnvironmentFiles(envFiles, environment, source)), ...environment }
  const configPaths = await findConfigPaths(source, environment)
  return { configPaths, workingDir: workingDirectory(source, configPaths), environment }
}

export const normalizeName = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '')

function checkName(name: string): string {
  if (normalizeName(name) === name) return name
  throw new ModelError(
    `invalid project name ${JSON.stringify(name)}: must consist only of lowercase alphanumeric characters, hyphens, and underscores as well as start with a letter or number`,
  )
}

/** `-p`, COMPOSE_PROJECT_NAME, `name:` of the last file that has one, the directory. */
function chooseName(
  source: ProjectSource,
  { environment, workingDir }: ProjectPlace,
  composeFiles: readonly ComposeFile[],
  interpolation: boolean,
): string {
  if (source.projectName !== '') return checkName(source.projectName)
  const fromEnvironment = environment.COMPOSE_PROJECT_NAME ?? ''
  if (fromEnvironment !== '') return checkName(fromEnvironment)
  let named = ''
  for (const { text } of composeFiles) {
    for (const { value } of parseYaml(text!))
      if (isDict(value) && typeof value.name === 'string') named = value.name
  }
  if (interpolation) {
    named = interpolate(named, ['name'], {
      lookup: (name) => environment[name],
      onUnset: () => undefined,
      warn: source.warn,
    }) as string
  }
  return normalizeName(named) || normalizeName(posix.basename(workingDir))
}

interface LoadedTree {
  dict: Dict
  name: string
  place: ProjectPlace
  environment: Variables
}

/** What is wrong with the command line itself is a plain failure. */
async function locateChecked(source: ProjectSource): Promise<ProjectPlace> {
  try {
    checkName(source.projectName)
    return await locateProject(source)
  } catch (error) {
    throw error instanceof ModelError ? new ModelError(error.message, 1) : error
  }
}

async function loadTree(
  source: ProjectSource,
  options: ModelOptions,
  variables: 'all' | 'none',
): Promise<LoadedTree> {
  const place = await locateChecked(source)
  if (place.configPaths.length === 0) throw new ModelError('no configuration file provided: not found', 14)
  const composeFiles: ComposeFile[] = []
  for (const path of place.configPaths) {
    const text = path === '-' ? await source.readStdin() : await readComposeText(source.files, path)
    composeFiles.push({ path, text })
  }
  const name = chooseName(source, place, composeFiles, options.interpolation)
  const environment: Variables =
    variables === 'none' ? {} : { ...place.environment, COMPOSE_PROJECT_NAME: name }
  const set: FileSet = { folder: place.workingDir, base: place.workingDir, composeFiles, environment }
  const dict = await loadFiles(set, loadOptions(source, options))
  if (Object.keys(dict).length === 0) throw new ModelError('empty compose file')
  if (name === '') throw new ModelError('project name must not be empty')
  if (options.normalization) normalize(dict, name, environment)
  return { dict, name, place, environment }
}

const loadOptions = ({ files, home, warn }: ProjectSource, options: ModelOptions): LoadOptions => ({
  files,
  home,
  warn,
  interpolation: options.interpolation,
  pathResolution: options.pathResolution,
})

/** The merged tree before it is given types: what `config --no-interpolate` prints. @throws ModelError */
export async function loadModel(source: ProjectSource, options: ModelOptions): Promise<Dict> {
  const { dict, name } = await loadTree(source, options, 'none')
  return options.normalization ? { ...dict, name } : dict
}

export interface LoadedProject {
  project: Project
  /** The keys `x-…` of the top level. */
  extensions: Dict
}

/** @throws ModelError */
export async function loadProject(source: ProjectSource, options: ModelOptions): Promise<LoadedProject> {
  const { dict, name, place, environment } = await loadTree(source, options, 'all')
  const whole: Project = {
    ...decodeProject(dict, options),
    name,
    workingDir: place.workingDir,
    composeFiles: place.configPaths,
    environment,
    profiles: [],
    disabled: {},
    customLabels: {},
  }
  const profiles =
    source.profiles.length > 0
      ? source.profiles
      : (environment.COMPOSE_PROFILES ?? '').split(',').map((profile) => profile.trim())
  let project = withProfiles(whole, profiles)
  if (options.consistency) checkConsistency(project)
  if (options.environmentResolution) project = await withEnvironmentResolved(project, source)
  project = await withLabelsResolved(project, source)
  const extensions = Object.fromEntries(
    Object.entries(dict)
      .filter(([key]) => key.startsWith('x-'))
      .sort(([a], [b]) => byText(a, b)),
  )
  return { project, extensions }
}

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
      throw new ModelError(`env file ${path} not found: stat ${path}: no such file or directory`, 14)
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

/** Lines as they are: no quotes, no variables. */
function parseRaw(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => line.includes('=') && !line.trimStart().startsWith('#'))
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )
}

async function withLabelsResolved(project: Project, { files, cwd }: Reading): Promise<Project> {
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
        throw new ModelError(`label file ${path} not found: stat ${path}: no such file or directory`, 14)
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
