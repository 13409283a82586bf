/**
 * Reads compose files into one untyped tree: interpolation, `extends`, `include`, merging, schema, long forms, paths.
 */
import { canonical, dropEmptyDns } from './canonical.ts'
import { checkRules } from './schema/check-rules.ts'
import { checkSchema } from './schema/check-schema.ts'
import { ModelError } from './compose-error.ts'
import {
  readComposeText,
  type ComposeFile,
  type Depth,
  type FileSet,
  type LoadedFile,
  type LoadOptions,
} from './compose-file.ts'
import { setDefaults } from './defaults.ts'
import { applyExtends } from './extends.ts'
import { applyInclude } from './include.ts'
import { interpolate } from './interpolate.ts'
import { mergeFiles, removePaths } from './merge.ts'
import { parseYaml } from './yaml/parse-yaml.ts'
import { resolvePaths } from './relative-paths.ts'
import { COMPOSE_SCHEMA } from './schema/schema.ts'
import { resolveResourceEnvironment } from './resource-environment.ts'
import { isDict, type Dict, type TreePath } from './yaml/tree.ts'
import { enforceUnicity } from './schema/unique.ts'

/** Lays one file's documents over `dict`. */
export async function loadFile(
  file: ComposeFile,
  set: FileSet,
  options: LoadOptions,
  depth: Depth,
  dict: Dict,
  including: readonly string[],
): Promise<LoadedFile> {
  const text = file.text ?? (await readComposeText(options.files, file.path))
  let resets: TreePath[] = []
  for (const document of parseYaml(text)) {
    resets = document.resets
    if (!isDict(document.value)) throw new ModelError('Top-level object must be a mapping')
    let config = document.value
    if (options.interpolation) {
      config = interpolate(config, [], {
        lookup: (name) => set.environment[name],
        onUnset: (name) => options.warn(`The "${name}" variable is not set. Defaulting to a blank string.`),
        warn: options.warn,
      }) as Dict
    }
    if (depth === 'whole') {
      await applyExtends(config, file.path, { set, options, resets, loadFile })
      removePaths(dict, resets)
      await applyInclude(config, set, options, [...including, file.path], loadFiles)
    } else removePaths(dict, resets)
    dict = enforceUnicity(mergeFiles(dict, config)) as Dict
    if (depth === 'whole') dict = checkFile(dict, file.path, options)
    dict = canonical(dict, [], !options.interpolation) as Dict
    dropEmptyDns(dict)
    dict = enforceUnicity(dict) as Dict
  }
  return { dict, resets }
}

function checkFile(dict: Dict, path: string, { warn }: LoadOptions): Dict {
  try {
    checkSchema(COMPOSE_SCHEMA, dict)
  } catch (error) {
    if (error instanceof ModelError) throw new ModelError(`validating ${path}: ${error.message}`)
    throw error
  }
  if ('version' in dict) {
    warn(
      `${path}: the attribute \`version\` is obsolete, it will be ignored, please remove it to avoid potential confusion`,
    )
    delete dict.version
  }
  return dict
}

/** @param including the files whose `include` leads here. @throws ModelError */
export async function loadFiles(
  set: FileSet,
  options: LoadOptions,
  including: readonly string[] = [],
): Promise<Dict> {
  let dict: Dict = {}
  for (const file of set.composeFiles)
    dict = (await loadFile(file, set, options, 'whole', dict, including)).dict
  setDefaults(dict)
  checkRules(dict)
  if (options.pathResolution || including.length > 0) {
    dict = resolvePaths(dict, { folder: set.base, home: options.home }) as Dict
  }
  resolveResourceEnvironment(dict, set.environment)
  return dict
}
