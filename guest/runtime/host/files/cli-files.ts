/** The guest's files for the docker command line: what `--env-file`, `--cidfile`, `save -o` and `load -i` name. */
import * as fs from 'node:fs'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { isPiped, type PipedBytes } from '../../../protocol/api/piped-bytes.ts'
import type { CliFiles, CliFileStat } from './cli-file-access.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { errnoName, errnoText } from '../../plan/errno.ts'
import { O } from '../../plan/linux-constants.ts'
import { SLOT } from '../../plan/plan.ts'
import { cliArchives } from './cli-archives.ts'
import type { LauncherClient } from '../launcher/launcher-api.ts'
import { fileError, nodeFiles } from './node-files.ts'

let temporaryNames = 0

/** The first bytes of a file, at most `length` of them. */
function headOf(path: string, length: number): Uint8Array {
  const descriptor = fs.openSync(path, 'r')
  try {
    const head = new Uint8Array(length)
    return head.subarray(0, fs.readSync(descriptor, head, 0, length, 0))
  } finally {
    fs.closeSync(descriptor)
  }
}

async function send(launcher: LauncherClient, path: string, to: string): Promise<number> {
  const size = BigInt(fs.statSync(path).size)
  const { output } = await launcher.stream({ steps: [{ op: 'send-file', path, size }] })
  if (!isPiped(output)) throw new EngineError('conflict', `${path} has become empty`, { path })
  return output.pipeTo(to)
}

/** The launcher reads a file of some length; nothing else is read by it, as it may have no end. */
function readStream(launcher: LauncherClient, path: string): AsyncIterable<Uint8Array> {
  const found = fs.statSync(path, { throwIfNoEntry: false })
  if (found === undefined || !found.isFile() || found.size === 0) return fs.createReadStream(path)
  const bytes: PipedBytes = {
    [Symbol.asyncIterator]: () => fs.createReadStream(path)[Symbol.asyncIterator](),
    peek: async (length) => headOf(path, length),
    pipeTo: (to) => send(launcher, path, to),
  }
  return bytes
}

/** Lets the launcher write the file. Throws what the content's source throws, and of the file what node would say. */
async function receive(launcher: LauncherClient, path: string, content: PipedBytes): Promise<void> {
  const steps = [
    { op: 'open', slot: SLOT.first, path, flags: O.WRONLY | O.CREAT | O.TRUNC, mode: 0o600 },
    { op: 'receive-file', slot: SLOT.first },
  ] as const
  try {
    const { output } = await launcher.stream({ steps }, content)
    for await (const _ of output);
  } catch (thrown) {
    const { op, errno } = EngineError.from(thrown).details
    if (typeof errno !== 'number' || !steps.some((step) => step.op === op)) throw thrown
    throw Object.assign(new Error(errnoText(errno)), { code: errnoName(errno), syscall: 'write' })
  }
}

async function writeStream(
  launcher: LauncherClient,
  path: string,
  content: AsyncIterable<Uint8Array>,
): Promise<void> {
  const temporary = `${path}.${process.pid}.${temporaryNames++}`
  try {
    if (isPiped(content)) await receive(launcher, temporary, content)
    else await pipeline(Readable.from(content), fs.createWriteStream(temporary, { mode: 0o600 }))
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
    readStream: (path) => readStream(launcher, path),
    writeStream: (path, content) => writeStream(launcher, path, content),
    stat: (path, follow) => new Promise((resolve) => resolve(stat(path, follow))),
    readLink,
    list,
    realPath: (path) => new Promise((resolve) => resolve(realPath(path))),
    archives: cliArchives(launcher),
  }
}
