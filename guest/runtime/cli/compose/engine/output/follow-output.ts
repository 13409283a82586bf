/**
 * `docker compose up` without `-d`: shows the output of the containers until they have ended or the user stops them.
 */
import type { ByteStream } from '../../../../../protocol/wire/byte-stream.ts'
import { deferred } from '../../../../../protocol/wire/deferred.ts'
import type { ContainerSummary } from '../../../../../protocol/api/engine-api.ts'
import { inBackground } from '../../../shared/background.ts'
import { CliError } from '../../../shared/cli-error.ts'
import { attachStream } from '../../../docker/container/attach-stream.ts'
import type { ComposeContext } from '../../context.ts'
import { EXIT } from '../../model/compose-error.ts'
import { getService, type Project } from '../../model/project.ts'
import { byContainerName, isOf, listContainers, nameWithoutProject, serviceOf } from '../containers.ts'
import { linesOfStream, type LogConsumer } from './log-lines.ts'
import { infoOutput, withProgress } from './progress.ts'
import { startProject } from '../lifecycle/start.ts'
import { stopProject } from '../lifecycle/stop-project.ts'
import { watchContainers, type ContainerEnd, type Watch } from '../lifecycle/watch-containers.ts'

export interface FollowOptions {
  /** Services whose output is shown. */
  attachTo: readonly string[]
  /** The services that `up` was called for; empty for all. */
  services: readonly string[]
  /** The first container that ends stops all others. */
  abortOnExit: boolean
  /** The service whose exit code counts; empty for the first that ends. */
  exitCodeFrom: string
  timeout: number | undefined
}

class Follower {
  readonly #context: ComposeContext
  readonly #project: Project
  readonly #options: FollowOptions
  readonly #consumer: LogConsumer
  readonly #outputs = new Set<Promise<void>>()
  readonly #streams = new Set<ByteStream>()
  #quiet = false
  #interrupted = false
  #aborting: Promise<void> | undefined
  readonly #stopping = deferred<void>()
  exitCode = 0
  #codeFrom: string

  constructor(context: ComposeContext, project: Project, options: FollowOptions, consumer: LogConsumer) {
    this.#context = context
    this.#project = project
    this.#options = options
    this.#consumer = consumer
    this.#codeFrom = options.exitCodeFrom
  }

  get interrupted(): boolean {
    return this.#interrupted
  }

  async attach(container: ContainerSummary): Promise<void> {
    const { api } = this.#context
    const name = nameWithoutProject(container)
    const { Config } = await api.json('GET', `/containers/${container.Id}/json`)
    const streams = { stdin: false, stdout: true, stderr: true }
    const { stream } = await attachStream({}, api, container.Id, streams, '')
    const output = linesOfStream(stream, Config.Tty, async (line, kind) => {
      if (!this.#quiet) await this.#consumer.log(name, line, kind)
    })
    // `finish` resets streams when the containers were stopped: that is no failure.
    output.catch(() => undefined)
    this.#streams.add(stream)
    this.#outputs.add(output)
  }

  /** Resolves when all containers have ended or have been stopped. */
  async finish(watch: Watch): Promise<void> {
    await Promise.race([watch.finished, this.#stopping.promise])
    if (this.#aborting === undefined) {
      await Promise.allSettled([...this.#outputs])
      return
    }
    await this.#aborting
    // Containers that were being started when the stop came must be stopped too.
    const late = await listContainers(this.#context.api, this.#project.name, {
      oneOff: 'exclude',
      all: false,
    })
    if (late.some(isOf(Object.keys(this.#project.services)))) await this.#stop()
    for (const stream of this.#streams) stream.reset('the containers were stopped')
  }

  async onEnd(end: ContainerEnd): Promise<void> {
    if (!this.#quiet) {
      // The last lines come before the end is told.
      await this.#consumer.status(end.name, `exited with code ${end.exitCode}`)
      if (end.replaced) await this.#consumer.status(end.name, 'has been recreated')
    }
    if (!this.#options.abortOnExit) return
    if (this.#codeFrom === '') this.#codeFrom = end.service
    if (this.#codeFrom === end.service && !this.#interrupted) this.exitCode = end.exitCode
    if (this.#aborting === undefined) this.#begin(this.#abort())
  }

  #begin(stopping: Promise<void>): void {
    this.#aborting = stopping
    stopping.then(this.#stopping.resolve, this.#stopping.resolve)
  }

  async #abort(): Promise<void> {
    this.#quiet = true
    await infoOutput(this.#context).write('Aborting on container exit...\n')
    await this.#stop()
  }

  #stop(): Promise<void> {
    const { services, timeout } = this.#options
    return withProgress(this.#context, 'Stopping', (progress) =>
      stopProject(this.#context, progress, this.#project.name, { project: this.#project, services, timeout }),
    )
  }

  async onStart(container: ContainerSummary): Promise<void> {
    if (this.#options.attachTo.includes(serviceOf(container))) await this.attach(container)
  }

  /** The first Ctrl-C stops the containers, the second kills them. */
  onSignal(signal: string): void {
    if (signal !== 'INT' && signal !== 'TERM') return
    this.#quiet = true
    if (!this.#interrupted) {
      this.#interrupted = true
      void infoOutput(this.#context).write('Gracefully stopping... (press Ctrl+C again to force)\n')
      this.#begin(this.#stop())
      return
    }
    inBackground(this.#context.session, this.#kill())
  }

  async #kill(): Promise<void> {
    const { api } = this.#context
    const containers = await listContainers(api, this.#project.name, {
      ...{ oneOff: 'exclude', all: false },
      services: this.#options.services,
    })
    await Promise.all(containers.map(({ Id }) => api.run('POST', `/containers/${Id}/kill`)))
  }
}

/** @returns the exit code. @throws CliError 130 after an interruption */
export async function followOutput(
  context: ComposeContext,
  project: Project,
  options: FollowOptions,
  consumer: LogConsumer,
): Promise<number> {
  if (options.exitCodeFrom !== '') getService(project, options.exitCodeFrom)
  const { api, session } = context
  const follower = new Follower(context, project, options, consumer)
  const containers = await listContainers(api, project.name, { oneOff: 'exclude', all: true })
  const watched = containers.filter(isOf(Object.keys(project.services))).sort(byContainerName)
  const shown = watched.filter(isOf(options.attachTo))
  const names = shown.map(nameWithoutProject)
  names.forEach((name) => consumer.register(name))
  await session.stdout.write(`Attaching to ${names.join(', ')}\n`)
  const stopSignals = session.onSignal((signal) => follower.onSignal(signal))
  let watch: Watch | undefined
  try {
    for (const container of shown) await follower.attach(container)
    const services = Object.keys(project.services)
    watch = await watchContainers(context, project.name, services, watched, follower)
    await withProgress({ ...context, progress: 'quiet' }, 'Running', (progress) =>
      startProject(context, progress, project),
    )
    await follower.finish(watch)
  } finally {
    watch?.stop()
    stopSignals()
  }
  if (follower.interrupted) throw new CliError('canceled', EXIT.cancelled)
  return follower.exitCode
}
