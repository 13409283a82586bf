/** The folder itself, as one tar: asked of the engine part by part, each part kept as a Blob, which a browser may hold on disk. */
import type { EngineApi } from '../../../guest/vocabulary/engine-client/engine-api.ts'
import { paddingOf } from '../../../guest/vocabulary/tar/header.ts'
import { encodeTarEntry, TAR_END } from '../../../guest/vocabulary/tar/write-tar.ts'
import { fillScript } from './fill-script.ts'
import { readme, type Translate } from './readme.ts'
import { rebaseTar } from './rebase-tar.ts'
import type { TakePlan } from './take-plan.ts'
import { volumeArchives } from './volume-archives.ts'

export interface TakeOptions {
  t: Translate
  /** Seconds since the epoch, for all files of the folder that were made now. */
  now: number
  /** Told the number of bytes that have come from the engine. */
  onBytes?: (total: number) => void
  signal?: AbortSignal
}

/** Bytes of JavaScript's memory that become a Blob, which may be elsewhere. */
const PIECE = 4 * 1024 * 1024

/**
 * `<project>/compose.yaml`, `images.tar`, `volumes/…`, `files/…` and `README.md`.
 * Rejects with the engine's sentence as EngineError.
 */
export async function takenArchive(plan: TakePlan, api: EngineApi, options: TakeOptions): Promise<Blob> {
  const folder = new FolderWriter(plan.project, options)
  const { project, composeYaml, volumes } = plan
  folder.directory('')
  folder.text('README.md', readme(plan, options.t))
  folder.text('compose.yaml', composeYaml)
  if (volumes.length > 0) {
    folder.text('fill-volumes.sh', fillScript(project, volumes, options.t('take.fillComment')), 0o755)
    folder.directory('volumes/')
    for await (const { archive, content } of volumeArchives(api, volumes, options.signal))
      await folder.file(archive, content)
  }
  if (plan.files.length > 0) {
    folder.directory('files/')
    for (const { path, archive } of plan.files)
      await folder.members(rebaseTar(once(archive), `${project}/${path}`))
  }
  await folder.file('images.tar', await savedImages(plan, api, options.signal))
  return folder.finish()
}

/** All images in one archive, so that layers which they share are in it once. */
async function savedImages(
  { images }: TakePlan,
  api: EngineApi,
  signal: AbortSignal | undefined,
): Promise<AsyncIterable<Uint8Array>> {
  for (const { id, reference, isNew } of images) {
    const [repo, tag] = reference.split(':')
    // An image without a name could be found by none, so that it keeps the one that it gets.
    if (isNew) await api.run('POST', `/images/${id}/tag`, { query: { repo, tag }, signal })
  }
  const names = images.map(({ reference }) => reference)
  return (await api.send('GET', '/images/get', { query: { names }, signal })).body
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

class FolderWriter {
  private readonly parts: Blob[] = []
  private readonly project: string
  private readonly options: TakeOptions
  private bytes = 0

  constructor(project: string, options: TakeOptions) {
    this.project = project
    this.options = options
  }

  directory(path: string): void {
    this.add(encodeTarEntry({ ...this.entry(path), type: 'directory' }))
  }

  text(path: string, content: string, mode = 0o644): void {
    const bytes = new TextEncoder().encode(content)
    this.add(encodeTarEntry({ ...this.entry(path), mode, size: bytes.length }), bytes, padding(bytes.length))
  }

  /** Its size is known when it is whole, and stands before it. */
  async file(path: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    const whole = await this.collect(content)
    this.add(encodeTarEntry({ ...this.entry(path), size: whole.size }), whole, padding(whole.size))
  }

  /** Members that are packed already. */
  async members(archive: AsyncIterable<Uint8Array>): Promise<void> {
    this.add(await this.collect(archive))
  }

  finish(): Blob {
    this.add(TAR_END)
    return new Blob(this.parts, { type: 'application/x-tar' })
  }

  private entry(path: string): { path: string; mtime: number } {
    return { path: `${this.project}/${path}`, mtime: this.options.now }
  }

  private add(...parts: (Uint8Array | Blob)[]): void {
    this.parts.push(new Blob(parts as BlobPart[]))
  }

  private async collect(content: AsyncIterable<Uint8Array>): Promise<Blob> {
    const blobs: Blob[] = []
    let [piece, size]: [Uint8Array[], number] = [[], 0]
    const close = (): void => {
      blobs.push(new Blob(piece as BlobPart[]))
      ;[piece, size] = [[], 0]
    }
    for await (const chunk of content) {
      piece.push(chunk)
      size += chunk.length
      this.bytes += chunk.length
      this.options.onBytes?.(this.bytes)
      if (size >= PIECE) close()
    }
    close()
    return new Blob(blobs)
  }
}

const padding = (size: number): Uint8Array => new Uint8Array(paddingOf(size))
