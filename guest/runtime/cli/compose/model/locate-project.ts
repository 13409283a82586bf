/**
 * Finds where a project is and which variables it sees, from `-f`, `--project-directory`, `--env-file` and the
 * environment.
 */
import { posix } from 'node:path'
import type { CliFiles } from '../../../host/files/cli-file-access.ts'
import { EXIT, ModelError } from './compose-error.ts'
import { readEnvironmentFiles } from './include.ts'
import { folderOf } from './compose-file.ts'

export interface ProjectSource {
  files: CliFiles
  cwd: string
  home: string
  warn: (message: string) => void
  /** The caller's variables. */
  environment: Readonly<Record<string, string>>
  readStdin: () => Promise<string>
  /** `-f`, in order; when empty, COMPOSE_FILE or the usual names in this directory and those above it. */
  configPaths: readonly string[]
  /** `--env-file`, absolute. */
  envFiles: readonly string[]
  /** `-p`. */
  projectName: string
  projectDirectory: string
  profiles: readonly string[]
}

export type Variables = Readonly<Record<string, string>>

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
      if (!(await files.exists(path)))
        throw new ModelError(`stat ${path}: no such file or directory`, EXIT.notFound)
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
  /** The variables of the environment files, under those of the caller. */
  environment: Variables
}

/** Finds where the project is and which variables it sees; its files may be missing. @throws ModelError */
export async function locateProject(source: ProjectSource): Promise<ProjectPlace> {
  let environment: Variables = source.environment
  // The first look finds `.env`, which may name the compose files.
  const first = await findConfigPaths(source, environment)
  const envFiles = await environmentFiles(source, environment, workingDirectory(source, first))
  environment = { ...(await readEnvironmentFiles(envFiles, environment, source)), ...environment }
  const configPaths = await findConfigPaths(source, environment)
  return { configPaths, workingDir: workingDirectory(source, configPaths), environment }
}
