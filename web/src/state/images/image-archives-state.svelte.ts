import { EngineError } from '../../../../guest/protocol/errors.ts'
import type { EngineClient } from '../../client/engine-client.ts'

/** The part of a browser's File that is used. */
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

/** Loads images from files and saves them to files: `docker save` and OCI archives. */
export class ImageArchivesState {
  uploads = $state<ArchiveUpload[]>([])
  /** The engine's messages about the last files: `Loaded image: busybox:latest`. */
  loaded = $state.raw<readonly string[]>([])
  /** Names of the images that are being saved. */
  saving = $state.raw<readonly string[]>([])
  error = $state.raw<EngineError>()
  private readonly client: EngineClient
  private uploadIds = 0

  constructor(client: EngineClient) {
    this.client = client
  }

  /**
   * Loads the files one after the other, in their order; a file that is no archive of images does not stop the next.
   */
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

  /** The image in the format of `docker save`; undefined when that failed, and `error` tells why. */
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
  // Called as a method of the file, as a browser requires.
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

/** `busybox:latest` → `busybox-latest.tar`, a name that every file system takes. */
export function archiveName(name: string): string {
  return `${name.replace(/[^\w.-]+/g, '-')}.tar`
}
