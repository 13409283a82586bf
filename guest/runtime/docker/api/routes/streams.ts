/** Engine API 1.51: logs, attach and exec, whose answers are streams. */
import type { ExecCreateRequest, ExecStartRequest } from '../../../../protocol/api/engine-api.ts'
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
import { json, type ApiRequest, type ApiResponse, type Route } from '../api-types.ts'
import { jsonObject, optionalJsonObject } from '../request-body.ts'

const RAW = 'application/vnd.docker.raw-stream'
const MULTIPLEXED = 'application/vnd.docker.multiplexed-stream'

export const streamType = (tty: boolean) => (tty ? RAW : MULTIPLEXED)

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
      // dockerd has taken the connection over when it finds that it must refuse (moby, postContainersAttach).
      errorType: RAW,
      handler: ({ query }, { id }) => {
        const contentType = streamType(context.containers.find(id!).record.config.Tty)
        return { kind: 'hijack', contentType, run: attach(context, id!, query, false) }
      },
    },
    {
      method: 'GET',
      pattern: '/containers/{id*}/attach/ws',
      handler: ({ query }, { id }) => ({
        kind: 'hijack',
        contentType: RAW,
        webSocket: true,
        run: attach(context, id!, query, true),
      }),
    },
    {
      method: 'POST',
      pattern: '/containers/{id*}/exec',
      handler: async ({ body }, { id }) => {
        const request = await jsonObject<ExecCreateRequest>(body)
        checkExecRequest(request)
        return json({ Id: await createExec(context, context.containers.find(id!), request, id!) }, 201)
      },
    },
    {
      method: 'POST',
      pattern: '/porthole/exec',
      handler: async ({ body }) =>
        json({ Id: createGuestExec(context, await optionalJsonObject<ExecCreateRequest>(body)) }, 201),
    },
    {
      method: 'POST',
      pattern: '/exec/{id}/start',
      handler: ({ body }, { id }) => execStart(context, id!, body),
    },
    {
      method: 'POST',
      pattern: '/exec/{id}/resize',
      handler: async ({ query }, { id }) => {
        await resizeExec(context.execs.find(id!), query.size())
        return { kind: 'empty', status: 200 }
      },
    },
    {
      method: 'GET',
      pattern: '/exec/{id}/json',
      handler: (_, { id }) => json(inspectExec(context.execs.find(id!))),
    },
  ]
}

/** `all`, empty and anything that is no number are all lines, as Docker has it. */
function tailOf(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined
}

function logs(context: EngineContext, { query, signal }: ApiRequest, id: string): ApiResponse {
  const container = context.containers.find(id)
  const now = context.clock.now()
  const time = (key: 'since' | 'until') => {
    const text = query.text(key)
    return text === '' || text === '0' ? undefined : parseTimestamp(text, now)
  }
  const [since, until, tail] = [time('since'), time('until'), tailOf(query.text('tail'))]
  const options: LogOptions = {
    stdout: query.flag('stdout'),
    stderr: query.flag('stderr'),
    timestamps: query.flag('timestamps'),
    follow: query.flag('follow'),
    details: query.flag('details'),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
    ...(tail !== undefined && { tail }),
    signal,
  }
  if (!options.stdout && !options.stderr)
    throw new EngineError('invalid', 'Bad parameters: you must choose at least one stream')
  checkReadable(container)
  return {
    kind: 'stream',
    status: 200,
    contentType: streamType(container.record.config.Tty),
    bytes: logFrames(context, container, options),
  }
}

/** @param raw never multiplexed, as over a WebSocket */
function attach(
  context: EngineContext,
  id: string,
  query: ApiRequest['query'],
  raw: boolean,
): PreparedAttach['run'] {
  const detachKeys = query.text('detachKeys')
  return prepareAttach(context, context.containers.find(id), {
    stdin: query.flag('stdin'),
    stdout: query.flag('stdout'),
    stderr: query.flag('stderr'),
    stream: query.flag('stream'),
    logs: query.flag('logs'),
    raw,
    calledBy: id,
    ...(detachKeys && { detachKeys }),
  }).run
}

async function execStart(context: EngineContext, id: string, body: ApiRequest['body']): Promise<ApiResponse> {
  const request = await optionalJsonObject<ExecStartRequest>(body)
  const exec = context.execs.find(id)
  const raw = request.Tty ?? false
  const size = raw && request.ConsoleSize ? request.ConsoleSize : undefined
  const { run } = await startExec(context, exec, {
    detach: request.Detach ?? false,
    raw,
    ...(size && { consoleSize: { rows: size[0], columns: size[1] } }),
  })
  if (!run) return { kind: 'empty', status: 200 }
  return { kind: 'hijack', contentType: streamType(raw), run }
}
