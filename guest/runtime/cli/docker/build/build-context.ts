/** The context of `docker build`: a directory, an archive or a Dockerfile on stdin, or a URL. Source: docker/cli, build/context.go. */
import { posix } from 'node:path'
import { EngineError } from '../../../../protocol/errors.ts'
import { concatBytes } from '../../../../vocabulary/concat-bytes.ts'
import { parseDockerignore } from '../../../../vocabulary/dockerignore/dockerignore.ts'
import { PatternMatcher } from '../../../../vocabulary/dockerignore/pattern-matcher.ts'
import { CliError } from '../../shared/cli-error.ts'
import { resolvePath, type CliContext } from '../../shared/context.ts'
import { stdinBytes } from '../../shared/write-archive.ts'
import { archiveOrDockerfile, readAll } from './stdin-context.ts'
import { omittedPaths } from './omitted-paths.ts'
import { TAR_END, tarMember } from './tar-member.ts'
import type { BuildFlags } from '../table/build-flags.ts'

export interface OpenedContext {
  archive?: AsyncIterable<Uint8Array>
  /** Files that are being packed, which must be let go when nobody has read the archive. */
  packed?: AsyncIterable<Uint8Array>
  query: { dockerfile?: string; remote?: string }
}

const DOCKERFILE = 'Dockerfile'
const IGNORE_FILE = '.dockerignore'

const isGit = (text: string) =>
  /^(git:\/\/|git@|github\.com\/)/.test(text) || /^https?:\/\/.*\.git(#.*)?$/.test(text)

/** @param text `PATH | URL | -` */
export async function openContext(
  context: CliContext<BuildFlags['build']>,
  text: string,
): Promise<OpenedContext> {
  const fromStdin = context.flags.string('file') === '-'
  if (text === '-') {
    if (fromStdin)
      throw new CliError("invalid argument: can't use stdin for both build context and dockerfile")
    return openStdin(context)
  }
  if ((await context.files.stat(resolvePath(context, text), true)) !== undefined)
    return openDirectory(context, text, fromStdin)
  if (isGit(text))
    throw new CliError(
      `unable to prepare context: unable to find 'git': exec: "git": executable file not found in $PATH`,
    )
  if (/^https?:\/\//.test(text)) {
    const dockerfile = context.flags.string('file')
    return { query: { remote: text, ...(dockerfile && { dockerfile }) } }
  }
  throw new CliError(`unable to prepare context: path ${JSON.stringify(text)} not found`)
}

async function openStdin(context: CliContext<BuildFlags['build']>): Promise<OpenedContext> {
  const name = context.flags.string('file')
  const { archive, dockerfile } = await archiveOrDockerfile(context)
  if (archive) return { archive, query: name === '' ? {} : { dockerfile: name } }
  if (name !== '')
    throw new CliError(
      'unable to prepare context from STDIN: ambiguous Dockerfile source: both stdin and flag correspond to Dockerfiles',
    )
  const now = Math.floor(context.now() / 1000)
  return {
    archive: once(concatBytes([tarMember(DOCKERFILE, dockerfile, now), TAR_END])),
    query: { dockerfile: DOCKERFILE },
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

const unprepared = (what: string) => new CliError(`unable to prepare context: ${what}`)

async function realPath({ files }: CliContext, path: string, what: string): Promise<string> {
  try {
    return await files.realPath(path)
  } catch (thrown) {
    throw unprepared(`unable to evaluate symlinks in ${what} path: ${EngineError.from(thrown).message}`)
  }
}

async function directoryOf(context: CliContext, text: string): Promise<string> {
  const directory = await realPath(context, resolvePath(context, text), 'context')
  const stat = await context.files.stat(directory, true)
  if (stat?.kind !== 'directory') throw unprepared(`context must be a directory: ${directory}`)
  return directory
}

/** Without `-f` this is `Dockerfile` or `dockerfile` in the context. */
async function dockerfilePath(context: CliContext<BuildFlags['build']>, directory: string): Promise<string> {
  const name = context.flags.string('file')
  if (name !== '') return realPath(context, resolvePath(context, name), 'Dockerfile')
  const [usual, lower] = [DOCKERFILE, DOCKERFILE.toLowerCase()].map((file) => posix.join(directory, file))
  const isLower = !(await context.files.stat(usual!, false)) && (await context.files.stat(lower!, false))
  return realPath(context, isLower ? lower! : usual!, 'Dockerfile')
}

async function ignorePatterns({ files }: CliContext, directory: string): Promise<string[]> {
  const path = posix.join(directory, IGNORE_FILE)
  const patterns = (await files.exists(path)) ? parseDockerignore(await files.readText(path)) : []
  try {
    new PatternMatcher(patterns)
  } catch (thrown) {
    throw new CliError(`error checking context: ${EngineError.from(thrown).message}`)
  }
  return patterns
}

/**
 * Keeps the Dockerfile and the ignore file in the context although they are ignored: the engine reads them, then
 * removes them itself.
 */
function withNeeded(patterns: readonly string[], needed: readonly string[]): string[] {
  const matcher = new PatternMatcher(patterns)
  return [...patterns, ...needed.filter((name) => matcher.matches(name)).map((name) => `!${name}`)]
}

async function openDirectory(
  context: CliContext<BuildFlags['build']>,
  text: string,
  fromStdin: boolean,
): Promise<OpenedContext> {
  const directory = await directoryOf(context, text)
  const path = fromStdin ? undefined : await dockerfilePath(context, directory)
  const name = path && posix.relative(directory, path)
  const patterns = await ignorePatterns(context, directory)
  if (name === undefined || name.startsWith('../')) {
    const dockerfile = path
      ? await context.files.read(path)
      : await readAll(stdinBytes(context.session.stdin))
    return withForeignDockerfile(context, directory, patterns, dockerfile)
  }
  const omitted = await omittedPaths(context.files, directory, withNeeded(patterns, [IGNORE_FILE, name]))
  const packed = await context.files.archives.pack(`${directory}/.`, '', omitted)
  return { archive: packed, packed, query: { dockerfile: name } }
}

/**
 * Adds a Dockerfile from outside the context under a random name, and ignores that name so that the build does not see
 * it.
 */
async function withForeignDockerfile(
  context: CliContext,
  directory: string,
  patterns: readonly string[],
  dockerfile: Uint8Array,
): Promise<OpenedContext> {
  const random = Array.from({ length: 20 }, () => Math.floor(Math.random() * 16).toString(16)).join('')
  const name = `.dockerfile.${random}`
  const omitted = await omittedPaths(context.files, directory, patterns)
  const path = posix.join(directory, IGNORE_FILE)
  const ignore = (await context.files.exists(path)) ? await context.files.readText(path) : IGNORE_FILE
  const now = Math.floor(context.now() / 1000)
  const before = concatBytes([
    tarMember(name, dockerfile, now),
    tarMember(IGNORE_FILE, new TextEncoder().encode(`${ignore}\n${name}\n`), now),
  ])
  const packed = await context.files.archives.pack(`${directory}/.`, '', [...omitted, IGNORE_FILE], before)
  return { archive: packed, packed, query: { dockerfile: name } }
}
