/** The guest's files for the docker command line: what `--env-file`, `--cidfile`, `save -o` and `load -i` name. */
import * as fs from 'node:fs'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { CliFiles, CliFileStat } from './cli-file-access.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { cliArchives } from './cli-archives.ts'
import type { LauncherClient } from '../launcher/launcher-api.ts'
import { fileError, nodeFiles } from './node-files.ts'

let temporaryNames = 0

async function writeStream(path: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  const temporary = `${path}.${process.pid}.${temporaryNames++}`
  try {
    await pipeline(Readable.from(content), fs.createWriteStream(temporary, { mode: 0o600 }))
    fs.renameSync(temporary, path)
  } catch (thrown) {
    fs.rmSync(temporary, { force: true })
    throw (thrown as NodeJS.ErrnoException).syscall === undefined ? thrown : fileError('write', path, thrown)
  }
}

function kindOf(stat: fs.Stats): CliFileStat['kind'] {
  if (stat.isFile()) return 'file'
  if (stat.isDirectory()) return 'directory'
  if (stat.isSymbolicLink()) return 'link'
  if (stat.isCharacterDevice()) return 'character device'
  if (stat.isBlockDevice()) return 'block device'
  return stat.isFIFO() ? 'pipe' : 'socket'
}

const MISSING = new Set(['ENOENT', 'ENOTDIR'])
const errnoOf = (thrown: unknown): string => (thrown as NodeJS.ErrnoException).code ?? ''

function stat(path: string, follow: boolean): CliFileStat | undefined {
  try {
    const found = follow ? fs.statSync(path) : fs.lstatSync(path)
    return { kind: kindOf(found), size: found.size }
  } catch (thrown) {
    if (MISSING.has(errnoOf(thrown))) return undefined
    throw fileError('stat', path, thrown)
  }
}

function realPath(path: string): string {
  try {
    return fs.realpathSync(path)
  } catch (thrown) {
    if (!MISSING.has(errnoOf(thrown))) throw fileError('resolve', path, thrown)
    throw new EngineError('not-found', `lstat ${path}: no such file or directory`, { path }, thrown)
  }
}

export function nodeCliFiles(launcher: LauncherClient): CliFiles {
  const { read, readText, exists, remove, removeTree, makeDirectory, writeAtomically, readLink, list } =
    nodeFiles()
  return {
    read,
    readText,
    exists,
    remove,
    makeDirectory,
    removeTree: async (path) => void ((await exists(path)) && (await removeTree(path))),
    write: (path, content) => writeAtomically(path, content),
    writeSecret: async (path, content) => {
      await makeDirectory(dirname(path), 0o700)
      await writeAtomically(path, content, 0o600)
    },
    readStream: (path) => fs.createReadStream(path),
    writeStream,
    stat: (path, follow) => new Promise((resolve) => resolve(stat(path, follow))),
    readLink,
    list,
    realPath: (path) => new Promise((resolve) => resolve(realPath(path))),
    archives: cliArchives(launcher),
  }
}
