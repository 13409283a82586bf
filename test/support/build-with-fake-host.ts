/** A Dockerfile and its context, evaluated with a FakeBuildHost. */
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ImageRecord } from '../../guest/protocol/api/content.ts'
import type { BuildOptions } from '../../guest/runtime/docker/build/build-options.ts'
import { BuildOutput } from '../../guest/runtime/docker/build/build-output.ts'
import { parseDockerfile } from '../../guest/runtime/docker/build/dockerfile/parse-dockerfile.ts'
import { evaluateDockerfile } from '../../guest/runtime/docker/build/evaluate-dockerfile.ts'
import { RootedTree } from '../../guest/runtime/host/files/rooted-tree.ts'
import type { FakeBuildHost } from './fake-build-host.ts'

export const BUILD_OPTIONS: BuildOptions = {
  dockerfile: 'Dockerfile',
  tags: [],
  quiet: false,
  noCache: false,
  cacheFrom: [],
  remove: true,
  forceRemove: false,
  pull: false,
  target: '',
  buildArgs: new Map(),
  labels: {},
  platform: '',
  remote: '',
  auth: {},
  resources: {
    memory: 0,
    memorySwap: 0,
    cpuShares: 0,
    cpuPeriod: 0,
    cpuQuota: 0,
    cpusetCpus: '',
    cpusetMems: '',
    cgroupParent: '',
    networkMode: '',
    extraHosts: [],
    shmSize: 0,
    ulimits: [],
  },
}

export interface Built {
  image: ImageRecord
  /** All lines of output as one text, ids of containers replaced. */
  text: string
  /** How many steps came from the cache. */
  hits: number
}

export interface BuildRequest {
  dockerfile: string
  files?: Record<string, string | { content: string; mode: number }>
  /** Instead of `files`. */
  context?: RootedTree
  options?: Partial<BuildOptions>
  signal?: AbortSignal
}

export function contextOf(host: FakeBuildHost, files: NonNullable<BuildRequest['files']>): RootedTree {
  const root = mkdtempSync(join(host.directory, 'context-'))
  for (const [path, file] of Object.entries(files)) {
    const { content, mode } = typeof file === 'string' ? { content: file, mode: 0o644 } : file
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
    chmodSync(join(root, path), mode)
  }
  return new RootedTree(root)
}

export async function buildWith(host: FakeBuildHost, request: BuildRequest): Promise<Built> {
  const output = new BuildOutput()
  let text = ''
  const reading = (async () => {
    for await (const line of output.lines())
      text += line.stream ?? (line.aux ? `aux ${String(line.aux['ID'])}\n` : '')
  })()
  try {
    const image = await evaluateDockerfile({
      dockerfile: parseDockerfile(request.dockerfile),
      context: request.context ?? contextOf(host, request.files ?? {}),
      options: { ...BUILD_OPTIONS, ...request.options },
      ...{ host, output },
      signal: request.signal ?? new AbortController().signal,
    })
    output.end()
    await reading
    return { image, text, hits: text.split(' ---> Using cache\n').length - 1 }
  } finally {
    output.end()
    await reading
  }
}
