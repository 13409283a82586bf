/** A whole engine over fakes whose effects can fail: the real services of networks, volumes, images and builds. */
import type { EngineRequest } from '../../../protocol/api/engine-transport.ts'
import { composeEngine, type Engine } from '../../compose-engine.ts'
import { FakeClock } from '../../host/clock.ts'
import { enginePaths } from '../../host/engine-paths.ts'
import type { Container } from '../../docker/state/container.ts'
import { FakeProxy } from '../fake-proxy.ts'
import { storingContent, type StoringContent } from './storing-content.ts'
import { MemoryFiles } from '../memory-files.ts'
import { FACTS, IMAGE } from '../test-engine.ts'
import { FaultyHost } from './faulty-host.ts'
import { diskFull, Faults, faulty, peerGone } from './faults.ts'

/** The image that can be pulled. */
const PULLABLE = {
  ...IMAGE,
  id: `sha256:${'3'.repeat(64)}`,
  manifestDigest: `sha256:${'4'.repeat(64)}`,
  references: ['docker.io/library/alpine:latest'],
} as const

/** The number of turns of the event loop without a new effect after which nothing goes on by itself. */
const QUIET_TURNS = 12
/** The number of turns after which a promise that has not settled counts as hanging. */
const TURNS = 3000
/** After this many turns the clock advances, so that what waits for it goes on. */
const TURNS_PER_STEP = 60
/** Milliseconds by which the clock advances: longer than the timeout of a stop. */
const STEP = 11_000
/** Milliseconds, longer than an exec is remembered. */
const LONG = 10 * 60_000

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

type Listed = { Id: string }[]

export interface Outcome {
  error?: Error
  value?: unknown
}

export class FaultWorld {
  readonly faults = new Faults()
  readonly files: MemoryFiles
  readonly clock = new FakeClock()
  readonly host: FaultyHost
  readonly content: StoringContent
  readonly proxy = new FakeProxy()
  readonly reported: string[] = []
  readonly engine: Engine
  /** Work for an idle engine. It stays here, so that no namespace is made that a test did not ask for. */
  readonly idle: (() => void)[] = []
  readonly #waiters: { what: string; outcome: Promise<Outcome> }[] = []
  #clean = new Set<string>()

  constructor(root = '') {
    const { faults } = this
    this.files = new MemoryFiles({ '/etc/resolv.conf': 'nameserver 192.0.2.1\n' })
    this.host = new FaultyHost(faults, this.files)
    this.content = storingContent(
      [IMAGE],
      [structuredClone({ ...PULLABLE, references: [...PULLABLE.references] })],
    )
    let seed = 1
    this.engine = composeEngine({
      paths: enginePaths(root),
      files: faulty(this.files, faults, {
        name: (method, [path]) => `files.${method} ${String(path)}`,
        error: diskFull,
      }),
      clock: this.clock,
      random: (count) => Uint8Array.from({ length: count }, () => (seed = (seed * 75 + 74) % 65537) & 255),
      facts: FACTS,
      launcher: this.host,
      content: faulty(this.content, faults, {
        name: (method) => `content.${method}`,
        error: peerGone,
        answers: true,
      }),
      portProxy: {
        open: async (ports) => {
          faults.check('proxy.open', peerGone)
          await this.proxy.open(ports)
        },
        close: (ports) => this.proxy.close(ports),
      },
      whenIdle: (work) => void this.idle.push(work),
      report: (what, error) => void this.reported.push(`${what}: ${String(error)}`),
    })
  }

  static async make(root?: string): Promise<FaultWorld> {
    const world = new FaultWorld(root)
    await world.engine.recover()
    world.#clean = new Set(world.leftovers())
    return world
  }

  /**
   * Makes a request, and resolves with the answer's JSON, or its text.
   * @throws the engine's message, also when a stream of lines ends with one
   */
  async call(method: EngineRequest['method'], path: string, json?: unknown, query?: EngineRequest['query']) {
    const body = json === undefined ? {} : { body: { json } }
    return this.request({ method, path, ...body, ...(query && { query }) })
  }

  async request(request: EngineRequest): Promise<unknown> {
    const { status, body } = await this.engine.transport.request(request)
    const parts: Uint8Array[] = []
    for await (const part of body) parts.push(part)
    const text = Buffer.concat(parts).toString()
    if (status >= 400) throw new Error((JSON.parse(text) as { message: string }).message)
    const failed = /^\{.*"errorDetail":.*\}$/m.exec(text)
    if (failed) throw new Error((JSON.parse(failed[0]) as { error: string }).error)
    return /^[{[]/.test(text) && !text.trim().includes('\n') ? JSON.parse(text) : text
  }

  /** Runs the work for an idle engine, which makes namespaces ahead of need; they are no leftovers. */
  async fillPool(): Promise<void> {
    for (let work = this.idle.shift(); work; work = this.idle.shift()) {
      work()
      await this.quiet()
    }
    this.#clean = new Set(this.leftovers())
  }

  /** Adds a client that waits while effects fail; `residue` tells when it still waits. */
  waiter(what: string, promise: Promise<unknown>): void {
    this.#waiters.push({ what, outcome: outcomeOf(promise) })
  }

  /** Resolves with the promise's outcome. Rejects when the promise does not settle, however much time passes. */
  async settled(what: string, promise: Promise<unknown>): Promise<Outcome> {
    let outcome: Outcome | undefined
    void outcomeOf(promise).then((result) => (outcome = result))
    for (let turns = 1; outcome === undefined; turns++) {
      await turn()
      if (turns % TURNS_PER_STEP === 0) this.clock.advance(STEP)
      if (turns > TURNS) throw new Error(`${what} hangs; reported: ${this.reported.join('; ')}`)
    }
    return outcome
  }

  /** Resolves when nothing goes on by itself any more. */
  async quiet(): Promise<void> {
    for (let made = -1, turns = 0; turns < QUIET_TURNS; turns++) {
      if (made !== this.faults.made.length) turns = 0
      made = this.faults.made.length
      await turn()
    }
  }

  /** Removes every container, volume and image that a person could remove, and lets time pass. */
  async tidy(): Promise<void> {
    for (const { Id } of (await this.call('GET', '/containers/json', undefined, { all: true })) as Listed)
      await this.call('DELETE', `/containers/${Id}`, undefined, { force: true, v: true })
    const { Volumes } = (await this.call('GET', '/volumes')) as { Volumes: { Name: string }[] | null }
    for (const { Name } of Volumes ?? []) await this.call('DELETE', `/volumes/${Name}`)
    await this.call('POST', '/networks/prune')
    const ofActions = async () =>
      ((await this.call('GET', '/images/json')) as Listed).find(({ Id }) => Id !== IMAGE.id)
    // The removal of an image takes the steps along that it was built from.
    for (let image = await ofActions(); image; image = await ofActions())
      await this.call('DELETE', `/images/${image.Id}`, undefined, { force: true })
    await this.quiet()
    this.clock.advance(LONG)
    await this.quiet()
  }

  /** Everything that an effect has left outside the engine. */
  leftovers(): string[] {
    const { context } = this.engine
    const { paths } = context
    const roots = [paths.overlay, paths.containers, `${paths.dataRoot}/volumes`, `${paths.dataRoot}/tmp`]
    const owned = [paths.dataRoot, paths.netns, paths.shims]
    const files = this.files.paths.filter((path) => owned.some((root) => path.startsWith(`${root}/`)))
    return [
      ...files.filter((path) => !roots.includes(path)).map((path) => `file ${path}`),
      ...this.host.mounts.map((target) => `mount ${target}`),
      ...[...this.host.namespaces].map((path) => `namespace ${path}`),
      ...[...this.host.kernel.links.keys()].map((name) => `link ${name}`),
      ...[...this.host.frozen].map((path) => `frozen ${path}`),
      ...[...this.host.machine.processes.values()].map(({ plan, state }) => `process ${plan.id}, ${state}`),
      ...[...this.content.leases].map((id) => `lease ${id}`),
      ...[...this.proxy.listening].map((port) => `port ${port}`),
    ]
  }

  /** What is frozen or runs in the kernel without the engine's knowledge. */
  disagreements(): string[] {
    const { containers, execs } = this.engine.context
    const all = containers.all()
    const paused = ({ id }: Container) => containers.byId(id)?.status === 'paused'
    const frozen = [...this.host.frozen].filter(
      (path) => !all.some((one) => paused(one) && path.includes(one.id)),
    )
    const live = [...this.host.machine.processes.values()].filter(({ state }) => state !== 'ended')
    const unknown = live.filter(({ plan: { id } }) => !containers.byId(id)?.isRunning && !execs.isRunning(id))
    return [
      ...frozen.map((path) => `frozen unknowingly: ${path}`),
      ...unknown.map(({ plan }) => `runs unknowingly: ${plan.id}`),
    ]
  }

  /** Everything that is left after `tidy`: outside the engine, in its memory, and clients that still wait. */
  async residue(): Promise<string[]> {
    const { context } = this.engine
    const waiting: string[] = []
    const images = (await this.call('GET', '/images/json', undefined, { all: true })) as Listed
    for (const { what, outcome } of this.#waiters)
      if ((await Promise.race([outcome, turn().then(() => undefined)])) === undefined)
        waiting.push(`waiter ${what}`)
    return [
      ...this.leftovers().filter((one) => !this.#clean.has(one)),
      ...images.filter(({ Id }) => Id !== IMAGE.id).map(({ Id }) => `image ${Id}`),
      ...context.containers.names.map((name) => `name ${name}`),
      ...(context.execs.size > 0 ? [`${context.execs.size} execs`] : []),
      ...waiting,
    ]
  }
}

function outcomeOf(promise: Promise<unknown>): Promise<Outcome> {
  return promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error: error instanceof Error ? error : new Error(String(error)) }),
  )
}
