import type { ImageConfig, JsonProgress } from '../../../../guest/protocol/api/engine-api.ts'
import { EngineError } from '../../../../guest/protocol/errors.ts'
import type { EngineClient } from '../../client/engine-client.ts'
import type { BuildDrafts } from './build-drafts.ts'
import {
  contextPath,
  packContext,
  readFiles,
  textFile,
  type BuildFile,
  type ChosenFile,
} from './build-files.ts'
import { LogLines, type LogLine } from '../logs/log-lines.ts'

export const DOCKERFILE = 'Dockerfile'

/** A first build that works and shows a COPY and a CMD. */
const STARTER: readonly BuildFile[] = [
  textFile(DOCKERFILE, 'FROM busybox\nCOPY hello.txt /hello.txt\nCMD ["cat", "/hello.txt"]\n'),
  textFile('hello.txt', 'Hello from an image of my own!\n'),
]

const encoder = new TextEncoder()

/** An image build whose files are edited in the page or dropped on it, with the engine's output. */
export class BuildState {
  files = $state.raw<readonly BuildFile[]>(STARTER)
  /** Path of the file that is open. */
  selected = $state(DOCKERFILE)
  tag = $state('my-image')
  lines = $state.raw<readonly LogLine[]>([])
  running = $state(false)
  /** Whether `cancel` ended the last build. */
  cancelled = $state(false)
  /** The image that the last build made, if it succeeded. */
  built = $state.raw<{ name: string; config: Partial<ImageConfig> }>()
  error = $state.raw<EngineError>()
  private readonly client: EngineClient
  private readonly drafts: BuildDrafts
  private stop = new AbortController()
  private restored: Promise<void> | undefined

  constructor(client: EngineClient, drafts: BuildDrafts) {
    this.client = client
    this.drafts = drafts
  }

  get open(): BuildFile | undefined {
    return this.files.find(({ path }) => path === this.selected)
  }

  /** Loads the files of an earlier visit, only once. */
  restore(): Promise<void> {
    this.restored ??= this.keeping(async () => {
      const kept = await this.drafts.read()
      if (kept.length > 0) this.show(kept)
    })
    return this.restored
  }

  /** Creates an empty file, or opens the one of this name. */
  async create(name: string): Promise<void> {
    await this.telling(async () => {
      const path = contextPath(name)
      if (!this.files.some((file) => file.path === path)) await this.put([textFile(path, '')])
      this.selected = path
    })
  }

  edit(text: string): Promise<void> {
    return this.put([textFile(this.selected, text)])
  }

  /** Adds files that were chosen or dropped; one of the same name is replaced. */
  async add(chosen: readonly ChosenFile[] | Promise<readonly ChosenFile[]>): Promise<void> {
    await this.telling(async () => {
      const files = await readFiles(await chosen)
      await this.put(files)
      const first = files.find(({ path }) => path === DOCKERFILE) ?? files[0]
      if (first) this.selected = first.path
    })
  }

  async remove(path: string): Promise<void> {
    this.show(this.files.filter((file) => file.path !== path))
    await this.keeping(() => this.keepAll())
  }

  async build(): Promise<void> {
    const lines = new LogLines()
    const say = (text: string) => {
      lines.push({ stream: 'stdout', bytes: encoder.encode(text) })
      this.lines = lines.lines
    }
    this.stop = new AbortController()
    this.lines = []
    this.built = undefined
    this.cancelled = false
    this.running = true
    const { tag } = this
    await this.telling(async () => {
      const context = await packContext(this.files)
      for await (const line of this.client.images.build(context, tag, this.stop.signal)) say(textOf(line))
      this.built = { name: tag, config: (await this.client.images.inspect(tag)).Config ?? {} }
    })
    this.running = false
    this.cancelled = this.stop.signal.aborted
    // Whoever cancelled the build need not read that its connection ended.
    if (this.cancelled) this.error = undefined
  }

  /** Stops the engine at the step it is in; the steps before stay in its cache. */
  cancel(): void {
    this.stop.abort()
  }

  private async put(added: readonly BuildFile[]): Promise<void> {
    const untouched = this.files === STARTER
    const replaced = (path: string) => added.some((file) => file.path === path)
    this.files = ordered([...this.files.filter(({ path }) => !replaced(path)), ...added])
    await this.keeping(async () => {
      if (untouched) await this.keepAll()
      else for (const file of added) await this.drafts.put(file)
    })
  }

  private show(files: readonly BuildFile[]): void {
    this.files = ordered(files)
    if (this.open === undefined) this.selected = this.files[0]?.path ?? DOCKERFILE
  }

  private async keepAll(): Promise<void> {
    await this.drafts.clear()
    for (const file of this.files) await this.drafts.put(file)
  }

  /** A page without storage can build too, but its files are lost with it, so the error says that. */
  private async keeping(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (thrown) {
      const { message } = EngineError.from(thrown)
      this.error = new EngineError('unavailable', `these files are not kept for the next visit: ${message}`)
    }
  }

  private async telling(work: () => Promise<void>): Promise<void> {
    this.error = undefined
    try {
      await work()
    } catch (thrown) {
      this.error = EngineError.from(thrown)
    }
  }
}

/** Sorts the Dockerfile first, the others by name. */
function ordered(files: readonly BuildFile[]): BuildFile[] {
  const rank = ({ path }: BuildFile) => (path === DOCKERFILE ? '' : path)
  return [...files].sort((a, b) => (rank(a) < rank(b) ? -1 : 1))
}

/** The text that `docker build` prints for a line, without a pull's byte counts. */
function textOf({ stream, status, id, progressDetail }: JsonProgress): string {
  if (stream !== undefined) return stream
  if (status === undefined || progressDetail?.current !== undefined) return ''
  return `${id === undefined ? '' : `${id}: `}${status}\n`
}
