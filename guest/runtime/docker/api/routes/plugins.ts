/**
 * Engine API 1.51, tag Plugin: what an engine without plugins answers (moby, api/server/router/plugin). A plugin is a
 * program for the daemon's own network, storage and log drivers, which have no room for one here.
 */
import { EngineError } from '../../../../protocol/errors.ts'
import { checkFilters } from '../../../../vocabulary/filters.ts'
import { json, type ApiRequest, type Handler, type Method, type Route } from '../api-types.ts'
import { struct, list, text } from '../json/go-type.ts'
import { readJson } from '../request-body.ts'

const ACCEPTED_FILTERS = ['enabled', 'capability']

const NO_PLUGINS = 'plugins are not part of this engine: its drivers are built in'

const absent: Handler = (_, { name }) => {
  throw new EngineError('not-found', `plugin ${JSON.stringify(name)} not found`, { name })
}

const refuse = () => {
  throw new EngineError('not-supported', NO_PLUGINS)
}

const privileges = list(struct<{ Name: string }>('types.PluginPrivilege', { Name: text() }))
const settings = list(text())

const absentAfter =
  (check: (request: ApiRequest) => Promise<unknown> | unknown): Handler =>
  async (request, values) => {
    await check(request)
    return absent(request, values)
  }

export function pluginRoutes(): Route[] {
  const route = (method: Method, pattern: string, handler: Handler): Route => ({ method, pattern, handler })
  return [
    route('GET', '/plugins', ({ query }) => {
      checkFilters(query.filters(), ACCEPTED_FILTERS)
      return json([])
    }),
    route('GET', '/plugins/privileges', refuse),
    route('POST', '/plugins/pull', async (request) => {
      await readJson(request, privileges)
      return refuse()
    }),
    route('POST', '/plugins/create', refuse),
    route('GET', '/plugins/{name*}/json', absent),
    route(
      'POST',
      '/plugins/{name*}/enable',
      absentAfter(({ query }) => query.requiredInteger('timeout')),
    ),
    route('POST', '/plugins/{name*}/disable', absent),
    route('POST', '/plugins/{name*}/push', absent),
    route(
      'POST',
      '/plugins/{name*}/upgrade',
      absentAfter((request) => readJson(request, privileges)),
    ),
    route(
      'POST',
      '/plugins/{name*}/set',
      absentAfter((request) => readJson(request, settings)),
    ),
    route('DELETE', '/plugins/{name*}', absent),
  ]
}
