/** The caller's files in memory. Test code. */
import { EngineError } from '../../../protocol/errors.ts'
import type { CliFiles } from '../../host/files/cli-file-access.ts'

async function* archive(text: string, before: Uint8Array = new Uint8Array()): AsyncGenerator<Uint8Array> {
  yield Buffer.concat([before, Buffer.from(text)])
}

export function memoryCliFiles(
  files: Record<string, string> = {},
): CliFiles & { files: Record<string, string> } {
  const readText = (path: string): Promise<string> => {
    const text = files[path]
    return text === undefined
      ? Promise.reject(new EngineError('not-found', `cannot read ${path}: ENOENT`))
      : Promise.resolve(text)
  }
  const write = (path: string, content: string): Promise<void> => {
    files[path] = content
    return Promise.resolve()
  }
  return {
    files,
    readText,
    write,
    writeSecret: write,
    read: async (path) => new TextEncoder().encode(await readText(path)),
    exists: (path) => Promise.resolve(path in files),
    remove: (path) => {
      delete files[path]
      return Promise.resolve()
    },
    makeDirectory: () => Promise.resolve(),
    removeTree: (path) => {
      for (const known of Object.keys(files)) if (known.startsWith(`${path}/`)) delete files[known]
      return Promise.resolve()
    },
    async stat(path) {
      if (path in files) return { kind: 'file', size: Buffer.byteLength(files[path]!) }
      const isDirectory = Object.keys(files).some((known) => known.startsWith(`${path}/`))
      return isDirectory ? { kind: 'directory', size: 0 } : undefined
    },
    async list(path) {
      const below = Object.keys(files).filter((known) => known.startsWith(`${path}/`))
      return [...new Set(below.map((known) => known.slice(path.length + 1).split('/')[0]!))]
    },
    readLink: (path) => Promise.reject(new EngineError('invalid', `${path} is no link`)),
    async realPath(path) {
      const known = Object.keys(files).some((other) => other === path || other.startsWith(`${path}/`))
      if (!known) throw new EngineError('not-found', `lstat ${path}: no such file or directory`)
      return path
    },
    archives: {
      pack: async (path, name, omitted = [], before) =>
        path.endsWith('/.')
          ? archive(`${path} without [${omitted.join(' ')}]`, before)
          : archive(`${name}: ${await readText(path)}`),
      async unpack(directory, packed, rename) {
        const chunks: Uint8Array[] = []
        for await (const chunk of packed) chunks.push(chunk)
        files[`${directory}${rename ? ` ${rename.join(' -> ')}` : ''}`] = Buffer.concat(chunks).toString()
      },
    },
    async *readStream(path) {
      yield new TextEncoder().encode(await readText(path))
    },
    async writeStream(path, content) {
      const chunks: Uint8Array[] = []
      for await (const chunk of content) chunks.push(chunk)
      files[path] = Buffer.concat(chunks).toString()
    },
  }
}
