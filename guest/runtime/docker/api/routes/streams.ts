/** Engine API 1.51: logs, attach and exec, whose answers are streams. */
import type { DirectAttach } from '../../../../protocol/api/direct-attach.ts'
import { SHARED_FRAMES } from '../../../../protocol/api/porthole.ts'
import { EngineError } from '../../../../protocol/errors.ts'
import { prepareAttach, type PreparedAttach } from '../../container/attach-container.ts'
import type { EngineContext } from '../../state/context.ts'
import {
  checkExecRequest,
  createExec,
  createGuestExec,
  inspectExec,
  resizeExec,
} from '../../exec/exec-instance.ts'
import { startExec } from '../../exec/exec-process.ts'
import { parseTimestamp } from '../../../../vocabulary/timestamps.ts'
import { checkReadable, logFrames, type LogOptions } from '../../stream/log-stream.ts'
import { has } from '../api-changes.ts'
import { json, type ApiRequest, type ApiResponse, type Route } from '../api-types.ts'
import { execCreateRequest, execStartRequest } from '../bodies/container.ts'
import type { Query } from '../query.ts'
import { readJson } from '../request-body.ts'

const RAW = 'application/vnd.docker.raw-stream'
const MULTIPLEXED = 'application/vnd.docker.multiplexed-stream'

const streamType = (tty: boolean, request: ApiRequest) =>
  tty || !has(request, 'multiplexed-type') ? RAW : MULTIPLEXED

export function streamRoutes(context: EngineContext): Route[] {
  return [
    {
      method: 'GET',
      pattern: '/containers/{id*}/logs',
      handler: (request, { id }) => logs(context, request, id!),
    },
    {
      method: 'POST',
      pattern: '/containers/{id*}/attach',
      // dockerd has taken the connection over when it finds that it must refuse, so it answers in plain text (moby,
      // postContainersAttach).
      errorType: RAW,
      handler: (request, { id }) => {
        const contentType = streamType(context.containers.find(id!).record.config.Tty, request)
        const streams = askedStreams(request.query)
        // The log so far comes by the stream.
        const direct = request.query.flag('logs') ? undefined : request.direct
        return {
          ...{ kind: 'hijack', contentType, direct: direct !== undefined },
          run: attach(context, id!, request, { ...streams, raw: false, ...(direct && { direct }) }),
        }
      },
    },
    {
      method: 'GET',
      pattern: '/containers/{id*}/attach/ws',
      handler: (request, { id }) => {
        const streams = has(request, 'web-socket-streams') ? askedStreams(request.query) : ALL_STREAMS
        return {
          kind: 'hijack',
          contentType: RAW,
          webSocket: has(request, 'web-socket-binary') ? 'binary' : 'text',
          run: attach(context, id!, request, { ...streams, raw: true }),
        }
      },
    },
    {
      method: 'POST',
      pattern: '/containers/{id*}/exec',
      handler: async (request, { id }) => {
        const { ConsoleSize, ...asked } = await readJson(request, execCreateRequest)
        const exec = { ...asked, ...(has(request, 'exec-console-size') && { ConsoleSize }) }
        checkExecRequest(exec)
        return json({ Id: await createExec(context, context.containers.find(id!), exec, id!) }, 201)
      },
    },
    {
      method: 'POST',
      pattern: '/porthole/exec',
      handler: async (request) =>
        json({ Id: createGuestExec(context, await readJson(request, execCreateRequest)) }, 201),
    },
    {
      method: 'POST',
      pattern: '/exec/{id}/start',
      handler: (request, { id }) => execStart(context, id!, request),
    },
    {
      method: 'POST',
      pattern: '/exec/{id}/resize',
      handler: async ({ query }, { id }) => {
        const size = query.size()
        await resizeExec(context.execs.find(id!), size)
        return { kind: 'empty', status: 200 }
      },
    },
    {
      method: 'GET',
      pattern: '/exec/{id}/json',
      handler: async (_, { id }) => json(await inspectExec(context.execs.find(id!))),
    },
  ]
}

/**
 * The number of lines that `tail` asks for; undefined, for all lines, when it is `all`, empty or no number, as in
 * Docker.
 */
function tailOf(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined
}

function logs(context: EngineContext, request: ApiRequest, id: string): ApiResponse {
  const { query, signal } = request
  const [stdout, stderr] = [query.flag('stdout'), query.flag('stderr')]
  if (!stdout && !stderr)
    throw new EngineError('invalid', 'Bad parameters: you must choose at least one stream')
  const container = context.containers.find(id)
  const now = context.clock.now()
  const time = (key: 'since' | 'until') => {
    const text = query.text(key)
    return text === '' || text === '0' ? undefined : parseTimestamp(text, now)
  }
  const [since, until, tail] = [time('since'), time('until'), tailOf(query.text('tail'))]
  const options: LogOptions = {
    stdout,
    stderr,
    timestamps: query.flag('timestamps'),
    follow: query.flag('follow'),
    details: query.flag('details'),
    sharedFrames: request.headers[SHARED_FRAMES.name] === SHARED_FRAMES.value,
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
    ...(tail !== undefined && { tail }),
    signal,
  }
  checkReadable(container)
  return {
    kind: 'stream',
    status: 200,
    contentType: streamType(container.record.config.Tty, request),
    bytes: logFrames(context, container, options),
  }
}

interface Streams {
  stdin: boolean
  stdout: boolean
  stderr: boolean
}

const ALL_STREAMS: Streams = { stdin: true, stdout: true, stderr: true }

const askedStreams = (query: Query): Streams => ({
  stdin: query.flag('stdin'),
  stdout: query.flag('stdout'),
  stderr: query.flag('stderr'),
})

/** Prepares the attach. `raw`: the stream is never multiplexed, as over a WebSocket. */
function attach(
  context: EngineContext,
  id: string,
  { query }: ApiRequest,
  how: Streams & { raw: boolean; direct?: DirectAttach },
): PreparedAttach['run'] {
  const detachKeys = query.text('detachKeys')
  return prepareAttach(context, context.containers.find(id), {
    ...how,
    stream: query.flag('stream'),
    logs: query.flag('logs'),
    calledBy: id,
    ...(detachKeys && { detachKeys }),
  }).run
}

/**
 * The request's own `Tty` decides how the stream is framed; whether the process has a terminal was decided at the
 * exec's creation.
 */
async function execStart(context: EngineContext, id: string, request: ApiRequest): Promise<ApiResponse> {
  const { Detach: detach = false, Tty: tty = false, ConsoleSize } = await readJson(request, execStartRequest)
  const exec = context.execs.find(id)
  const size = tty && has(request, 'exec-console-size') ? ConsoleSize : undefined
  const { run, direct } = await startExec(context, exec, {
    detach,
    raw: tty,
    ...(request.direct && { direct: request.direct }),
    ...(size && { consoleSize: { rows: size[0], columns: size[1] } }),
  })
  if (!run) return { kind: 'empty', status: 200 }
  return { kind: 'hijack', contentType: streamType(tty, request), direct: direct ?? false, run }
}
