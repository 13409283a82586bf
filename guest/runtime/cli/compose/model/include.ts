/** `include`: adds what other compose files define, each read with its own directory and environment. */
import { posix } from 'node:path'
import { ModelError } from './compose-error.ts'
import { parseEnvFile } from './dotenv.ts'
import { folderOf, readComposeText, type FileSet, type LoadFiles, type LoadOptions } from './compose-file.ts'
import { GoFloat } from './yaml/go-scalars.ts'
import { isDict, type Dict } from './yaml/tree.ts'

interface IncludeEntry {
  path: string[]
  projectDirectory: string | undefined
  envFiles: string[]
}

const asList = (value: unknown): string[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as string[]) : [String(value)]

function readEntry(value: unknown): IncludeEntry {
  const {
    path,
    project_directory: directory,
    env_file: envFile,
  } = (typeof value === 'string' ? { path: value } : value) as Dict
  return {
    path: asList(path),
    projectDirectory: directory === undefined ? undefined : String(directory),
    envFiles: asList(envFile),
  }
}

/** Replaces `include` in the tree by what the files it names define. @throws ModelError */
export async function applyInclude(
  dict: Dict,
  set: FileSet,
  options: LoadOptions,
  including: readonly string[],
  loadFiles: LoadFiles,
): Promise<void> {
  const { include } = dict
  if (include === undefined || include === null) return
  if (!Array.isArray(include)) throw new ModelError(`\`include\` must be a list, got ${String(include)}`)
  for (const value of include as unknown[]) {
    const imported = await loadIncluded(readEntry(value), set, options, including, loadFiles)
    for (const section of ['services', 'volumes', 'networks', 'secrets', 'configs'])
      importSection(imported, dict, section)
  }
  delete dict.include
}

async function loadIncluded(
  entry: IncludeEntry,
  set: FileSet,
  options: LoadOptions,
  including: readonly string[],
  loadFiles: LoadFiles,
): Promise<Dict> {
  const paths = entry.path.map((path) => posix.resolve(set.folder, path))
  const main = paths[0]!
  if (including.includes(main)) {
    const [first, ...rest] = [...including, main]
    throw new ModelError(`include cycle detected:\n${first!}\n include ${rest.join('\n include ')}`)
  }
  const folder =
    entry.projectDirectory === undefined ? folderOf(main) : posix.resolve(set.folder, entry.projectDirectory)
  const own = `${folder}/.env`
  const envFiles =
    entry.envFiles.length > 0
      ? entry.envFiles.map((path) => posix.resolve(set.folder, path))
      : (await options.files.exists(own))
        ? [own]
        : []
  const environment = {
    ...(await readEnvironmentFiles(envFiles, set.environment, options)),
    ...set.environment,
  }
  const composeFiles = paths.map((path) => ({ path }))
  const base = posix.relative(set.folder, folder)
  return loadFiles({ folder, base, composeFiles, environment }, options, including)
}

/**
 * The variables that the files set; a variable of `environment` takes precedence wherever the files use it. @throws
 * ModelError
 */
export async function readEnvironmentFiles(
  paths: readonly string[],
  environment: Readonly<Record<string, string>>,
  { files, warn }: Pick<LoadOptions, 'files' | 'warn'>,
): Promise<Record<string, string>> {
  const values: Record<string, string> = {}
  for (const path of paths) {
    if (!(await files.exists(path))) throw new ModelError(`Couldn't find env file: ${path}`)
    const text = await readComposeText(files, path)
    try {
      Object.assign(
        values,
        parseEnvFile(
          text,
          (name) => environment[name] ?? values[name],
          (name) => warn(`The "${name}" variable is not set. Defaulting to a blank string.`),
        ),
      )
    } catch (error) {
      if (error instanceof ModelError) throw new ModelError(`failed to read ${path}: ${error.message}`)
      throw error
    }
  }
  return values
}

function sameTree(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, at) => sameTree(item, b[at]))
  if (a instanceof GoFloat && b instanceof GoFloat) return a.value === b.value
  if (!isDict(a) || !isDict(b)) return a === b
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && sameTree(a[key], b[key]))
}

function importSection(source: Dict, target: Dict, section: string): void {
  const from = source[section]
  if (!isDict(from)) return
  const to = isDict(target[section]) ? target[section] : {}
  for (const [name, value] of Object.entries(from)) {
    if (!(name in to)) to[name] = value
    else if (!sameTree(value, to[name]))
      throw new ModelError(`${section}.${name} conflicts with imported resource`)
  }
  target[section] = to
}
