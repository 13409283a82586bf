/** Engine API 1.51, tag Container: its files as archives. The modules that serve them are loaded at their first use. */
import { EngineError } from '../../../../protocol/errors.ts'
import type { Container } from '../../state/container.ts'
import type { EngineContext } from '../../state/context.ts'
import type { ApiRequest, ApiResponse, Method, Route } from '../api-types.ts'

const TAR = 'application/x-tar'
const archives = () => import('../../archive/container-archive.ts')
const stats = () => import('../../archive/path-stat.ts')

function pathOf({ query }: ApiRequest): string {
  const path = query.text('path')
  // dockerd's sentence lacks the blank between "path" and "cannot" (moby api/server/httputils/form.go).
  if (path === '') throw new EngineError('invalid', 'bad parameter: pathcannot be empty')
  return path
}

export function archiveRoutes(context: EngineContext): Route[] {
  const on = (
    method: Method,
    call: string,
    handle: (container: Container, request: ApiRequest, calledBy: string) => Promise<ApiResponse>,
  ): Route => ({
    method,
    pattern: `/containers/{id*}/${call}`,
    handler: (request, { id }) => handle(context.containers.find(id!), request, id!),
  })
  return [
    on('HEAD', 'archive', async (container, request, calledBy) => {
      const stat = await (await archives()).statContainerPath(context, container, pathOf(request), calledBy)
      return { kind: 'empty', status: 200, headers: await statHeader(stat) }
    }),
    on('GET', 'archive', async (container, request, calledBy) => {
      const { stat, bytes } = await (
        await archives()
      ).readContainerArchive(context, container, pathOf(request), calledBy)
      return { kind: 'stream', status: 200, contentType: TAR, bytes, headers: await statHeader(stat) }
    }),
    on('PUT', 'archive', async (container, request, calledBy) => {
      const options = {
        path: pathOf(request),
        noOverwriteDirNonDir: request.query.flag('noOverwriteDirNonDir'),
        copyUIDGID: request.query.flag('copyUIDGID'),
      }
      await (await archives()).extractToContainer(context, container, options, request.body.bytes(), calledBy)
      return { kind: 'empty', status: 200 }
    }),
    on('GET', 'export', async (container) => ({
      kind: 'stream',
      status: 200,
      contentType: 'application/octet-stream',
      bytes: await (await archives()).exportContainer(context, container),
    })),
  ]
}

async function statHeader(
  stat: Parameters<Awaited<ReturnType<typeof stats>>['pathStatHeader']>[0],
): Promise<Record<string, string>> {
  return { 'x-docker-container-path-stat': (await stats()).pathStatHeader(stat) }
}
