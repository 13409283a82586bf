/** Reads `HEAD /containers/{id}/archive`, as far as the copy needs it. */
import { EngineError } from '../../../../../protocol/errors.ts'
import { parseJsonObject } from '../../../../../vocabulary/json.ts'
import type { CliContext } from '../../../shared/context.ts'
import { ApiError } from '../../../shared/api-error.ts'
import { containerPath } from '../../../shared/for-each.ts'

/** Bits of Go's fs.FileMode. */
export const GO_DIRECTORY = 2 ** 31
const GO_LINK_BIT = 27
const GO_DEVICE_BIT = 26

export interface ContainerPathStat {
  /** Go's fs.FileMode. */
  mode: number
  linkTarget: string
}

/** @throws EngineError `corrupt` */
export function parseStatHeader(headers: Record<string, string>): ContainerPathStat {
  const header = Buffer.from(headers['x-docker-container-path-stat'] ?? '', 'base64').toString()
  const { mode, linkTarget } = parseJsonObject(header, 'the description of the path')
  if (typeof mode !== 'number' || typeof linkTarget !== 'string')
    throw new EngineError('corrupt', 'the description of the path lacks its mode or target')
  return { mode, linkTarget }
}

const has = (mode: number, bit: number): boolean => Math.floor(mode / 2 ** bit) % 2 === 1

export interface DescribedPath {
  isDirectory: boolean
  isLink: boolean
  isDevice: boolean
  linkTarget: string
}

/** undefined when the engine cannot describe the path. */
export async function statPath(
  { api }: CliContext,
  container: string,
  path: string,
): Promise<DescribedPath | undefined> {
  try {
    const { headers, body } = await api.send('HEAD', `${containerPath(container)}/archive`, {
      query: { path },
    })
    for await (const _ of body);
    const { mode, linkTarget } = parseStatHeader(headers)
    return {
      isDirectory: mode >= GO_DIRECTORY,
      isLink: has(mode, GO_LINK_BIT),
      isDevice: has(mode, GO_DEVICE_BIT),
      linkTarget,
    }
  } catch (error) {
    if (error instanceof ApiError) return undefined
    throw error
  }
}
