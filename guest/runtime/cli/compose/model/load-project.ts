/**
 * Loads a project from the command line's `-f`, `-p`, `--env-file` … and the environment (compose-go's cli package).
 */
import { posix } from 'node:path'
import { EXIT, ModelError } from './compose-error.ts'
import { checkConsistency } from './schema/consistency.ts'
import { decodeProject } from './decode-project.ts'
import { interpolate } from './interpolate.ts'
import { readComposeText, type ComposeFile, type FileSet, type LoadOptions } from './compose-file.ts'
import { loadFiles } from './load-files.ts'
import { locateProject, type ProjectPlace, type ProjectSource, type Variables } from './locate-project.ts'
import { normalize } from './normalize.ts'
import { parseYaml } from './yaml/parse-yaml.ts'
import { withProfiles, type Project } from './project.ts'
import { withEnvironmentResolved, withLabelsResolved } from './service-environment.ts'
import { byText, isDict, type Dict } from './yaml/tree.ts'

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

/** Takes the first of: `-p`, COMPOSE_PROJECT_NAME, `name:` of the last file that has one, the directory. */
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

/** An error in the command line itself exits with code 1, not with that of a wrong compose file. */
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
  if (place.configPaths.length === 0)
    throw new ModelError('no configuration file provided: not found', EXIT.notFound)
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

/** The merged tree before it is decoded: `config --no-interpolate` prints it. @throws ModelError */
export async function loadModel(source: ProjectSource, options: ModelOptions): Promise<Dict> {
  const { dict, name } = await loadTree(source, options, 'none')
  return options.normalization ? { ...dict, name } : dict
}

export interface LoadedProject {
  project: Project
  /** The top level's keys `x-…`. */
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
