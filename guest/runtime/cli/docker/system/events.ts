/** `docker events`. */
import { formatFilters } from '../../../../vocabulary/filters.ts'
import type { EngineEvent } from '../../../../protocol/api/engine-api.ts'
import { CliError } from '../../shared/cli-error.ts'
import type { CliContext } from '../../shared/context.ts'
import { rfc3339Nano, timestamp } from '../../shared/format/durations.ts'
import { TemplateError } from '../../shared/template/ast.ts'
import { compileTemplate, executeTemplate } from '../../shared/template/execute.ts'
import { fromApi, goJson } from '../../shared/template/values.ts'
import type { SystemFlags } from '../table/system-flags.ts'

const USAGE_CODE = 64

type Render = (event: EngineEvent, raw: string) => string

/** Takes the digits from the text: a double can't hold them. */
const nanoDigits = (raw: string): string => /"timeNano":\s*(\d+)/.exec(raw)?.[1] ?? '0'

function timeOf(event: EngineEvent, raw: string): string {
  const nano = BigInt(nanoDigits(raw))
  if (nano !== 0n) return `${rfc3339Nano(Number(nano / 1_000_000_000n), Number(nano % 1_000_000_000n))} `
  return event.time ? `${rfc3339Nano(event.time, 0)} ` : ''
}

const pretty: Render = (event, raw) => {
  const attributes = Object.entries(event.Actor.Attributes ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
  const tail = attributes.length === 0 ? '' : ` (${attributes.join(', ')})`
  return `${timeOf(event, raw)}${event.Type} ${event.Action} ${event.Actor.ID}${tail}\n`
}

const EXAMPLE = { Type: '', Action: '', Actor: { ID: '', Attributes: {} }, scope: '', time: 0, timeNano: 0 }

/** Gives the fields whose JSON is in lower case Go's names. */
const named = (event: object): object => {
  const { scope, time, timeNano, status, id, from } = event as Record<string, unknown>
  return {
    ...event,
    Scope: scope,
    Time: time,
    TimeNano: timeNano,
    Status: status ?? '',
    ID: id ?? '',
    From: from ?? '',
  }
}

function renderer(format: string): Render {
  if (format === '') return pretty
  if (format === 'json' || format === '{{json .}}') {
    return (event, raw) =>
      `${goJson(fromApi(event)).replace(/"timeNano":[\d.e+]+/, `"timeNano":${nanoDigits(raw)}`)}\n`
  }
  try {
    const template = compileTemplate(format)
    const options = { rootType: '*events.Message' }
    executeTemplate(template, fromApi(named(EXAMPLE)), options)
    return (event) => `${executeTemplate(template, fromApi(named(event)), options)}\n`
  } catch (error) {
    if (error instanceof TemplateError)
      throw new CliError(`Error parsing format: ${error.message}`, USAGE_CODE)
    throw error
  }
}

export async function events({
  flags,
  api,
  session,
  now,
}: CliContext<SystemFlags['events']>): Promise<number> {
  const render = renderer(flags.string('format'))
  const query = {
    since: timestamp(flags.string('since'), now()),
    until: timestamp(flags.string('until'), now()),
    filters: formatFilters(flags.filters()),
  }
  for await (const { value, text } of await api.rawStream('GET', '/events', { query }))
    await session.stdout.write(render(value, text))
  return 0
}
