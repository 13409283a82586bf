/** COPY and ADD: copy files of the context or of an image straight into a new layer; no container runs. */
import { posix } from 'node:path'
import { EngineError } from '../../../../protocol/errors.ts'
import { copyDirectory, copyFile, type CopyOptions } from '../../../host/files/copy-between-trees.ts'
import type { RootedTree } from '../../../host/files/rooted-tree.ts'
import { isArchive } from '../../../host/files/archive-bytes.ts'
import type { Build, StageState } from '../build-state.ts'
import type { LayerUse, TreeUse } from '../build-host.ts'
import { commitImage, probeCache } from './commit-step.ts'
import { combinedChecksum, findSources, inlineSource, type CopySource } from './copy-sources.ts'
import { sourceImage } from './dispatch-from.ts'
import { needsBuildKit } from './dispatch-run.ts'
import type { CopyInstruction } from '../dockerfile/instructions.ts'
import { lookupOwner } from './lookup-owner.ts'
import { nopCommandInOne } from '../run-config.ts'

const INLINE_MODE = 0o644
const DIRECTORY_MODE = 0o755

const isUrl = (source: string) => /^https?:\/\//.test(source)

class Sources {
  readonly found: CopySource[] = []
  readonly #open: TreeUse[] = []

  /** Finds the sources in the image of `--from`, in the context, or at a URL. */
  async find(build: Build, instruction: CopyInstruction): Promise<void> {
    const { sources, inline } = instruction
    const from = instruction.from === '' ? undefined : await this.#openFrom(build, instruction.from)
    for (const source of sources) {
      if (isUrl(source)) await this.#download(build, instruction, source)
      else if (from) this.found.push(...findSources(from.tree, source, false, from.checksums))
      else if (build.context) this.found.push(...findSources(build.context, source, true))
      else throw new EngineError('invalid', 'missing build context')
    }
    this.found.push(...inline.map(inlineSource))
    if (this.found.length === 0) throw new EngineError('invalid', 'no source files were specified')
  }

  async #openFrom(build: Build, from: string) {
    const image = await sourceImage(build, from)
    const use = await build.host.openImage(image)
    this.#open.push(use)
    return use
  }

  async #download(build: Build, instruction: CopyInstruction, url: string): Promise<void> {
    if (instruction.kind === 'copy') throw new EngineError('invalid', "source can't be a URL for COPY")
    const download = await build.host.download(url, build.output)
    this.#open.push(download)
    if (!download.named && instruction.destination.endsWith('/'))
      throw new EngineError('invalid', `cannot determine filename for source ${url}`, { url })
    const [source] = findSources(download.tree, download.path, false)
    this.found.push({ ...(source as CopySource & { kind: 'tree' }), whole: true })
  }

  async close(): Promise<void> {
    for (const use of this.#open.reverse()) await use.close()
  }
}

function chmodOf(text: string): number | undefined {
  if (text === '') return undefined
  if (/^[0-7]{1,5}$/.test(text) && parseInt(text, 8) <= 0o7777) return parseInt(text, 8)
  throw new EngineError(
    'invalid',
    `invalid chmod parameter: '${text}'. it should be octal string and between 0 and 07777`,
    { chmod: text },
  )
}

/** The destination from the root: it is relative to WORKDIR, and a slash at its end, which makes it a directory, stays. */
function absolute(workingDirectory: string, destination: string): string {
  const path = posix.resolve('/', workingDirectory, destination)
  return /\/\.?$/.test(destination) && path !== '/' ? `${path}/` : path
}

interface CopyTarget {
  layer: LayerUse
  /** The instruction's destination, made absolute. */
  destination: string
  options: CopyOptions
  /** Unpacks archives, as ADD does. */
  extract: boolean
}

/** The path of a copied file: below a directory under its own name, else the destination itself. */
function fileTarget(tree: RootedTree, destination: string, name: string): string {
  const at = tree.resolve(destination)
  const isDirectory = destination.endsWith('/') || tree.entry(at)?.type === 'directory'
  return isDirectory ? tree.resolve(posix.join(at, name)) : at
}

async function copySource(source: CopySource, target: CopyTarget): Promise<void> {
  const { layer, destination, options } = target
  if (source.kind === 'inline') {
    const { name, data } = source.file
    const at = fileTarget(layer.tree, destination, name)
    const owner = options.owner!
    layer.tree.makeDirectories(posix.dirname(at), DIRECTORY_MODE, owner)
    return layer.tree.write(at, data, options.mode ?? INLINE_MODE, owner)
  }
  const { tree, path, whole } = source
  const found = tree.follow(path)
  if (!found)
    throw new EngineError('not-found', `source path not found: stat ${path}: no such file or directory`)
  const at = layer.tree.resolve(destination)
  if (found.entry.type === 'directory') return copyDirectory(tree, found.path, layer.tree, at, options)
  const mayExtract = target.extract && !whole && found.entry.type === 'file'
  if (mayExtract && (await isArchive(tree.path(found.path)))) return layer.unpack(tree, found.path, at)
  copyFile(tree, found.path, layer.tree, fileTarget(layer.tree, destination, posix.basename(path)), options)
}

/**
 * The owner of copied files: root for files of the context, the file's own for those of an image, unless `--chown`
 * names one.
 */
function ownerOf(tree: RootedTree, { from, chown }: CopyInstruction): Pick<CopyOptions, 'owner'> {
  if (chown !== '') return { owner: lookupOwner(tree, chown) }
  return from === '' ? { owner: { uid: 0, gid: 0 } } : {}
}

async function copyAll(
  layer: LayerUse,
  state: StageState,
  instruction: CopyInstruction,
  sources: readonly CopySource[],
): Promise<void> {
  const mode = chmodOf(instruction.chmod)
  const target: CopyTarget = {
    layer,
    destination: absolute(state.config.WorkingDir ?? '', instruction.destination),
    options: { ...ownerOf(layer.tree, instruction), ...(mode !== undefined && { mode }) },
    extract: instruction.kind === 'add',
  }
  try {
    for (const source of sources) await copySource(source, target)
  } catch (thrown) {
    const error = EngineError.from(thrown)
    throw new EngineError(error.code, `failed to copy files: ${error.message}`, error.details, error)
  }
}

/** The text by which history and cache know the step. */
function comment(instruction: CopyInstruction, sources: readonly CopySource[]): string {
  const { kind, chown, chmod, destination } = instruction
  const options = `${chown && `--chown=${chown} `}${chmod && `--chmod=${chmod} `}`
  return `${kind.toUpperCase()} ${options}${combinedChecksum(sources)} in ${destination} `
}

async function findAll(build: Build, sources: Sources, instruction: CopyInstruction): Promise<void> {
  const name = instruction.kind.toUpperCase()
  try {
    await sources.find(build, instruction)
  } catch (thrown) {
    const error = EngineError.from(thrown)
    if (error.details['from'] !== undefined) throw error
    throw new EngineError(error.code, `${name} failed: ${error.message}`, error.details, error)
  }
  if (sources.found.length > 1 && !instruction.destination.endsWith('/'))
    throw new EngineError(
      'invalid',
      `When using ${name} with more than one source file, the destination must be a directory and end with a /`,
    )
}

async function withSources(
  build: Build,
  state: StageState,
  instruction: CopyInstruction,
  { found }: Sources,
): Promise<void> {
  const Cmd = nopCommandInOne(state.config, comment(instruction, found))
  const step = { ...state.config, Cmd }
  if (await probeCache(build, state, step)) return
  const layer = await build.host.openLayer(state.image)
  try {
    await copyAll(layer, state, instruction, found)
    await commitImage(build, state, step, await layer.commit())
  } finally {
    await layer.close()
  }
}

export async function dispatchCopy(
  build: Build,
  state: StageState,
  instruction: CopyInstruction,
): Promise<void> {
  const [option] = instruction.unsupported
  if (option !== undefined) throw needsBuildKit(option)
  const sources = new Sources()
  try {
    await findAll(build, sources, instruction)
    await withSources(build, state, instruction, sources)
  } finally {
    await sources.close()
  }
}
