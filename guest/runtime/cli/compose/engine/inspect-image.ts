/** Inspects one image. */
import type { ImageInspect } from '../../../../protocol/api/engine-api.ts'
import { isNotFound, type EngineApi } from '../../shared/engine-api-client.ts'

/** Undefined when the engine has no such image. */
export async function inspectImage(api: EngineApi, name: string): Promise<ImageInspect | undefined> {
  try {
    return await api.json<ImageInspect>('GET', `/images/${name}/json`)
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
