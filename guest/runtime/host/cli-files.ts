/** The guest's files for the docker command line: what `--env-file`, `--cidfile`, `save -o` and `load -i` name. */
import * as fs from 'node:fs'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { CliFiles } from '../cli/context.ts'
import { fileError, nodeFiles } from './node-files.ts'

let temporaryNames = 0

async function writeStream(path: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  const temporary = `${path}.${process.pid}.${temporaryNames++}`
  try {
    await pipeline(Readable.from(content), fs.createWriteStream(temporary))
    fs.renameSync(temporary, path)
  } catch (thrown) {
    fs.rmSync(temporary, { force: true })
    throw (thrown as NodeJS.ErrnoException).syscall === undefined ? thrown : fileError('write', path, thrown)
  }
}

export function nodeCliFiles(): CliFiles {
  const { read, readText, exists, remove, makeDirectory, writeAtomically } = nodeFiles()
  return {
    read,
    readText,
    exists,
    remove,
    write: (path, content) => writeAtomically(path, content),
    writeSecret: async (path, content) => {
      await makeDirectory(dirname(path), 0o700)
      await writeAtomically(path, content, 0o600)
    },
    readStream: (path) => fs.createReadStream(path),
    writeStream,
  }
}
