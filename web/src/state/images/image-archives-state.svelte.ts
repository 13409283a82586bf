import { EngineError } from '../../../../guest/protocol/errors.ts'
import type { EngineClient } from '../../client/engine-client.ts'

/** What of a browser's File is used. */
export interface ArchiveFile {
  name: string
  size: number
  stream(): ReadableStream<Uint8Array>
}

/** An archive on its way into the engine. */
export interface ArchiveUpload {
  id: number
  name: string
  sent: number
  total: number
}

/** Images that come from and go to files: `docker save` and OCI archives. */
export class ImageArchivesState {
  uploads = $state<ArchiveUpload[]>([])
  /** What the engine said of the last ones: `Loaded image: busybox:latest`. */
  loaded = $state.raw<readonly string[]>([])
  /** Names of the images that are being saved. */
  saving = $state.raw<readonly string[]>([])
  error = $state.raw<EngineError>()
  private readonly client: EngineClient
  private uploadIds = 0

  constructor(client: EngineClient) {
    this.client = client
  }

  /** One after the other, as they were given; a file that is no archive of images does not stop the next. */
  async load(files: readonly ArchiveFile[]): Promise<void> {
    this.error = undefined
    this.loaded = []
    const queued = files.map((file) => ({ file, id: this.uploadIds++ }))
    this.uploads.push(...queued.map(({ file: { name, size }, id }) => ({ id, name, sent: 0, total: size })))
    for (const { file, id } of queued) {
      try {
        await this.loadOne(file, id)
      } catch (thrown) {
        const { code, message, details } = EngineError.from(thrown)
        this.error = new EngineError(code, `${file.name}: ${message}`, details, thrown)
      } finally {
        this.uploads = this.uploads.filter((upload) => upload.id !== id)
      }
    }
  }

  /** The image as `docker save` writes it; undefined when it failed, which `error` tells. */
  async save(name: string): Promise<Blob | undefined> {
    this.error = undefined
    this.saving = [...this.saving, name]
    try {
      const parts: BlobPart[] = []
      for await (const chunk of await this.client.images.save(name))
        parts.push(chunk as Uint8Array<ArrayBuffer>)
      return new Blob(parts, { type: 'application/x-tar' })
    } catch (thrown) {
      this.error = EngineError.from(thrown)
      return undefined
    } finally {
      this.saving = this.saving.filter((other) => other !== name)
    }
  }

  private async loadOne(file: ArchiveFile, id: number): Promise<void> {
    const counted = chunksOf(file, (sent) => {
      const upload = this.uploads.find((other) => other.id === id)
      if (upload) upload.sent = sent
    })
    for await (const { stream } of this.client.images.load(counted))
      if (stream !== undefined) this.loaded = [...this.loaded, stream.trim()]
  }
}

async function* chunksOf(file: ArchiveFile, onSent: (sent: number) => void): AsyncGenerator<Uint8Array> {
  // Called on the file: a browser's method knows its file by that alone.
  const reader = file.stream().getReader()
  let sent = 0
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      yield next.value
      sent += next.value.length
      onSent(sent)
    }
  } finally {
    await reader.cancel()
  }
}

/** `busybox:latest` → `busybox-latest.tar`, which every file system takes. */
export function archiveName(name: string): string {
  return `${name.replace(/[^\w.-]+/g, '-')}.tar`
}
