/** The caller's files in memory. Test code. */
import { EngineError } from '../../../protocol/errors.ts'
import type { CliFiles } from '../context.ts'

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
