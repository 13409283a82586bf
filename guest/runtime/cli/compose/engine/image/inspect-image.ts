/** Inspects one image. */
import type { ImageInspect } from '../../../../../protocol/api/engine-api.ts'
import { isNotFound } from '../../../shared/api-error.ts'
import type { EngineApi } from '../../../../../vocabulary/engine-client/engine-api.ts'

/** Undefined when the engine has no such image. */
export async function inspectImage(api: EngineApi, name: string): Promise<ImageInspect | undefined> {
  try {
    return await api.json('GET', `/images/${name}/json`)
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
