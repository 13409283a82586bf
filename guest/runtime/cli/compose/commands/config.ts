/** `docker compose config`: prints the project as Compose understands it. */
import { resolvePath } from '../../shared/context.ts'
import { CliError } from '../../shared/cli-error.ts'
import { projectSource, toLoadedProject, toProject, type ComposeContext } from '../context.ts'
import { imageName } from '../engine/image/image-name.ts'
import { ModelError } from '../model/compose-error.ts'
import { FULL_MODEL, loadModel, type ModelOptions } from '../model/load-project.ts'
import { goJsonIndented } from '../model/yaml/print-json.ts'
import { goYamlText } from '../model/yaml/print-yaml.ts'
import { getService, reachableServices, serviceNames } from '../model/project.ts'
import { projectJson, projectYaml, sortedTree } from '../model/render-project.ts'
import { serviceHash } from '../model/service-hash.ts'
import { byText } from '../model/yaml/tree.ts'
import type { ComposeFlags } from '../flags.ts'

const lines = (items: readonly string[]): string => items.map((item) => `${item}\n`).join('')

const UNRESOLVED = { environmentResolution: false } as const

function modelOptions({ flags, root }: ComposeContext<ComposeFlags['config']>): Partial<ModelOptions> {
  return {
    interpolation: !flags.bool('no-interpolate'),
    pathResolution: !flags.bool('no-path-resolution'),
    normalization: !flags.bool('no-normalize') && !root.bool('compatibility'),
    consistency: !flags.bool('no-consistency'),
  }
}

async function hashes(
  context: ComposeContext<ComposeFlags['config']>,
  options: Partial<ModelOptions>,
): Promise<string> {
  const project = await toProject(context, [], { ...options, ...UNRESOLVED })
  const asked = context.flags.string('hash')
  const names = asked === '*' ? serviceNames(project) : asked.split(',').sort(byText)
  return lines(names.map((name) => `${name} ${serviceHash(getService(project, name))}`))
}

/** A list of names instead of the project itself; undefined when none was asked for. */
async function listing(
  context: ComposeContext<ComposeFlags['config']>,
  options: Partial<ModelOptions>,
): Promise<string | undefined> {
  const { flags, args } = context
  const load = (names: readonly string[]) => toProject(context, names, { ...options, ...UNRESOLVED })
  if (flags.bool('services')) {
    const project = await load([])
    return lines(reachableServices(project, serviceNames(project), 'dependencies'))
  }
  if (flags.bool('volumes')) return lines(Object.keys((await load([])).volumes))
  if (flags.string('hash') !== '') return hashes(context, options)
  if (flags.bool('profiles')) {
    const project = await load(args)
    const services = [...Object.values(project.services), ...Object.values(project.disabled)]
    return lines([...new Set(services.flatMap(({ profiles = [] }) => profiles))].sort(byText))
  }
  if (!flags.bool('images')) return undefined
  const project = await load(args)
  return lines(serviceNames(project).map((name) => imageName(project, name)))
}

async function whole(
  context: ComposeContext<ComposeFlags['config']>,
  options: Partial<ModelOptions>,
): Promise<string> {
  const format = context.flags.string('format')
  if (format !== 'json' && format !== 'yaml')
    throw new CliError(`unsupported format ${JSON.stringify(format)}`)
  if (options.interpolation === false) {
    const source = projectSource(context)
    const model = await loadModel(source, { ...FULL_MODEL, ...options }).catch(plainFailure)
    return format === 'json' ? goJsonIndented(sortedTree(model)) : goYamlText(model, 'untyped')
  }
  const loaded = await toLoadedProject(context, context.args, { ...options, extensions: format === 'yaml' })
  const text =
    format === 'json'
      ? projectJson(loaded.project, loaded.extensions)
      : projectYaml(loaded.project, loaded.extensions)
  // The output is a compose file again, in which `$` must be doubled.
  return text.replaceAll('$', '$$$$')
}

/** The untyped model's errors have no exit code of their own in Compose. */
function plainFailure(error: unknown): never {
  throw error instanceof ModelError ? new CliError(error.message) : error
}

export async function config(context: ComposeContext<ComposeFlags['config']>): Promise<number> {
  const { flags, session, files } = context
  const options = modelOptions(context)
  const text = (await listing(context, options)) ?? (await whole(context, options))
  if (flags.bool('quiet')) return 0
  const output = flags.string('output')
  if (output !== '') await files.write(resolvePath(context, output), text)
  else await session.stdout.write(text)
  return 0
}
