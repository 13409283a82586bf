/** Engine API 1.51: `POST /containers/create`. Source of the order: moby, postContainersCreate. */
import { EngineError } from '../../../../protocol/errors.ts'
import type { EngineContext } from '../../state/context.ts'
import { createContainer } from '../../container/create-container.ts'
import { parsePlatform } from '../../../../vocabulary/platform.ts'
import { validateConflicts } from '../../config/validate-network-mode.ts'
import { has } from '../api-changes.ts'
import { json, type ApiRequest, type ApiResponse } from '../api-types.ts'
import { createRequest, hasConfig } from '../bodies/container.ts'
import { createByVersion } from '../create-by-version.ts'
import { readJsonOrNothing } from '../request-body.ts'

export async function create(context: EngineContext, request: ApiRequest): Promise<ApiResponse> {
  const body = await readJsonOrNothing(request, createRequest)
  if (body === undefined) throw new EngineError('invalid', 'invalid JSON: got EOF while reading request body')
  validateConflicts(body)
  if (!hasConfig(body))
    throw new EngineError('invalid', 'config cannot be empty in order to create a container')
  const name = request.query.text('name')
  const platform = has(request, 'create-platform') ? request.query.text('platform') : ''
  const { request: asked, warnings, readOnlyNonRecursive } = createByVersion(body, request.version)
  const created = await createContainer(context, asked, {
    ...(name !== '' && { name }),
    ...(platform !== '' && { platform: parsePlatform(platform) }),
    readOnlyNonRecursive,
  })
  return json({ ...created, Warnings: [...created.Warnings, ...warnings] }, 201)
}
