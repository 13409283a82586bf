/** `docker inspect` and `docker <object> inspect`: indented JSON, `json`, or a template over each object. */
import { CliError } from '../../shared/cli-error.ts'
import type { CliContext } from '../../shared/context.ts'
import { ApiError, isNotFound } from '../../shared/api-error.ts'
import { messageOf } from '../../shared/for-each.ts'
import { withProblem } from '../../shared/format/formatter.ts'
import { TemplateError, type Template } from '../../shared/template/ast.ts'
import { compileTemplate, executeTemplate } from '../../shared/template/execute.ts'
import { isPlainObject, rawFromApi, typedFromApi } from '../../shared/template/values.ts'
import { withOptionalFields } from './optional-fields.ts'
import { platformQuery } from '../../shared/platform-query.ts'
import type { ContainerFlags } from '../table/container-flags.ts'
import type { ImageFlags } from '../table/image-flags.ts'
import type { NetworkFlags } from '../table/network-flags.ts'
import type { SystemFlags } from '../table/system-flags.ts'
import type { VolumeFlags } from '../table/volume-flags.ts'

type ObjectType = 'container' | 'image' | 'network' | 'volume'

/** The order in which a name without a type is looked for. */
const TYPES: readonly ObjectType[] = ['container', 'image', 'network', 'volume']

const ALL_TYPES = ['config', ...TYPES.slice(0, 3), 'node', 'plugin', 'secret', 'service', 'task', 'volume']

/** Exit code for a template that doesn't parse: EX_USAGE of sysexits.h. */
const USAGE_CODE = 64

/** Flags that only some types of objects have. */
interface FetchOptions {
  size?: boolean
  platform?: string
  verbose?: boolean
}

function fetchRaw(
  { api }: CliContext,
  type: ObjectType,
  name: string,
  options: FetchOptions = {},
): Promise<string> {
  const id = encodeURIComponent(name)
  if (type === 'container')
    return api.text('GET', `/containers/${id}/json`, { query: { size: options.size ? 1 : undefined } })
  if (type === 'image') {
    const platform = platformQuery(options.platform ?? '')
    return api.text('GET', `/images/${id}/json`, { query: { platform } })
  }
  if (type === 'volume') return api.text('GET', `/volumes/${id}`)
  return api.text('GET', `/networks/${id}`, { query: { verbose: options.verbose ? true : undefined } })
}

async function fetchAny(context: CliContext, name: string, size: boolean): Promise<string> {
  for (const type of TYPES) {
    try {
      const raw = await fetchRaw(context, type, name, { size })
      if (size && type !== 'container') {
        await context.session.stderr.write(`WARNING: --size ignored for ${type}\n`)
      }
      return raw
    } catch (error) {
      const skippable =
        isNotFound(error) ||
        (error instanceof ApiError && /not supported|invalid reference format/.test(error.message))
      if (!skippable) throw error
    }
  }
  throw new CliError(`Error: No such object: ${name}`)
}

type Render = (raw: string) => string

/** Indents the engine's JSON as Go's json.Indent does; an empty collection stays on one line. */
const indent: Render = (raw) => JSON.stringify(JSON.parse(raw), null, 4)

/** Undefined when the template fails, for instance because the types have no such field. */
function attempt(template: Template, value: unknown): string | undefined {
  try {
    return `${executeTemplate(template, value)}\n`
  } catch (error) {
    if (error instanceof TemplateError) return undefined
    throw error
  }
}

/**
 * Runs the template on the object as Go's types have it; where that fails, on its JSON (docker/cli
 * cli/command/inspect/inspector.go).
 * @param goType the type that errors name, for an object of which Docker has no JSON
 */
function templated(template: Template, goType: string | undefined): Render {
  return (raw) => {
    const data: unknown = JSON.parse(raw)
    // Go's structs have fields that the API leaves out: a template may name them, but `json` does not encode them.
    const typed = [() => typedFromApi(data), () => typedFromApi(withOptionalFields(data))]
    for (const value of typed) {
      const text = attempt(template, value())
      if (text !== undefined) return text
    }
    return withProblem('template parsing error', () => {
      if (goType !== undefined)
        return `${executeTemplate(template, typedFromApi(data), { rootType: goType })}\n`
      return `${executeTemplate(template, rawFromApi(data))}\n`
    })
  }
}

function renderer(
  format: string,
  goType: string | undefined,
): { render: Render; frame: (parts: string[]) => string } {
  if (format === '') {
    const body = (parts: string[]): string => parts.map((part) => part.replace(/^/gm, '    ')).join(',\n')
    return { render: indent, frame: (parts) => (parts.length === 0 ? '[]\n' : `[\n${body(parts)}\n]\n`) }
  }
  if (format === 'json')
    return { render: (raw) => JSON.stringify(JSON.parse(raw)), frame: (parts) => `[${parts.join(',')}]\n` }
  try {
    return { render: templated(compileTemplate(format), goType), frame: (parts) => parts.join('') || '\n' }
  } catch (error) {
    if (error instanceof TemplateError)
      throw new CliError(`template parsing error: ${error.message}`, USAGE_CODE)
    throw error
  }
}

async function inspectWith(
  context: CliContext<{ format: 'string' }>,
  fetch: (name: string) => Promise<string>,
  goType?: string,
): Promise<number> {
  const { render, frame } = renderer(context.flags.string('format'), goType)
  const parts: string[] = []
  const messages: string[] = []
  for (const name of context.args) {
    try {
      parts.push(render(await fetch(name)))
    } catch (error) {
      messages.push(messageOf(error))
    }
  }
  await context.session.stdout.write(frame(parts))
  if (messages.length > 0) throw new CliError(messages.join('\n'))
  return 0
}

export function inspect(context: CliContext<SystemFlags['inspect']>): Promise<number> {
  const type = context.flags.string('type')
  const size = context.flags.bool('size')
  const list = ALL_TYPES.map((name) => `"${name}"`).join(', ')
  if (type === '') {
    if (context.flags.changed('type')) throw new CliError(`type is empty: must be one of ${list}`)
    return inspectWith(context, (name) => fetchAny(context, name, size))
  }
  if (!ALL_TYPES.includes(type)) throw new CliError(`${JSON.stringify(type)} is not a valid value for --type`)
  const known = TYPES.find((one) => one === type)
  if (known === undefined)
    throw new CliError(`${type} objects don't exist here: this engine has no swarm and no plugins`)
  return inspectWith(context, (name) => fetchRaw(context, known, name, { size }))
}

/** Docker prints a volume from its own type, whose fields stand in the order of their names. */
async function fetchVolume(context: CliContext, name: string): Promise<string> {
  return JSON.stringify(sorted(JSON.parse(await fetchRaw(context, 'volume', name))))
}

function sorted(value: unknown): unknown {
  if (!isPlainObject(value)) return value
  const entries = Object.entries(value).map(([key, item]) => [key, sorted(item)] as const)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

export const inspectContainers = (context: CliContext<ContainerFlags['inspect']>): Promise<number> =>
  inspectWith(context, (name) => fetchRaw(context, 'container', name, { size: context.flags.bool('size') }))
export const inspectImages = (context: CliContext<ImageFlags['inspect']>): Promise<number> =>
  inspectWith(context, (name) =>
    fetchRaw(context, 'image', name, { platform: context.flags.string('platform') }),
  )
export const inspectNetworks = (context: CliContext<NetworkFlags['inspect']>): Promise<number> =>
  inspectWith(context, (name) =>
    fetchRaw(context, 'network', name, { verbose: context.flags.bool('verbose') }),
  )
export const inspectVolumes = (context: CliContext<VolumeFlags['inspect']>): Promise<number> =>
  inspectWith(context, (name) => fetchVolume(context, name), 'volume.Volume')
