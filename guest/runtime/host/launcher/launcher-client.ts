/** LauncherClient over the sockets of `launcher serve` and of the shims it leaves. */
import { unlinkSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { isPiped } from '../../../protocol/api/piped-bytes.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { GUEST_PATHS } from '../../../protocol/paths.ts'
import { describeFailure } from '../../plan/describe-step.ts'
import { encodeHostPlan, encodeLaunchPlan } from '../../plan/encode-plan.ts'
import { errnoText } from '../../plan/errno.ts'
import type { HostPlan, LaunchPlan, Step } from '../../plan/plan.ts'
import { pipePath } from '../pipes.ts'
import type { LauncherClient, PlanStream, Shim, StepReport } from './launcher-api.ts'
import { LauncherLink } from './launcher-link.ts'
import { sendPlan } from './plan-input.ts'
import { SocketPlanStream } from './plan-stream.ts'
import {
  parseExitRecord,
  parseReport,
  type ExitRecord,
  type Failure,
  type ShimMessage,
} from './shim-frames.ts'
import { ShimSocket } from './shim-socket.ts'
import { SocketShim, type ShimPaths } from './socket-shim.ts'

/** What connect(2) answers when nobody listens (any more). */
const NOBODY = new Set(['ENOENT', 'ECONNREFUSED', 'ECONNRESET'])

export class SocketLauncherClient implements LauncherClient {
  private readonly socketPath: string
  private readonly shimDir: string
  private linked: Promise<LauncherLink> | undefined

  constructor(paths: { socketPath?: string; shimDir?: string } = {}) {
    this.socketPath = paths.socketPath ?? GUEST_PATHS.launcherSocket
    this.shimDir = paths.shimDir ?? GUEST_PATHS.shimDir
  }

  async run(plan: HostPlan): Promise<void> {
    await this.execute(plan, encodeHostPlan(plan, true))
  }

  async ask(plan: HostPlan): Promise<StepReport[]> {
    return (await this.execute(plan, encodeHostPlan(plan))).flatMap(parseReport)
  }

  /** Resolves with the plan's reports as they came. */
  private async execute(plan: HostPlan, bytes: Uint8Array): Promise<Uint8Array[]> {
    const reported: Uint8Array[] = []
    const link = await this.link()
    return new Promise((resolve, reject) => {
      let isOver = false
      const receive = (message: ShimMessage): void => {
        if (message.type === 'report') reported.push(message.payload)
        if (message.type !== 'done' && message.type !== 'failed') return
        isOver = true
        if (message.type === 'done') resolve(reported)
        else reject(launchError(message.failure, plan.steps, reported.flatMap(parseReport)))
      }
      const closed = (error?: EngineError): void => {
        if (!isOver) reject(error ?? lost())
      }
      link.channel({ message: receive, closed }).send('plan', bytes).catch(reject)
    })
  }

  async stream(plan: HostPlan, input?: AsyncIterable<Uint8Array>): Promise<PlanStream> {
    const stream = new SocketPlanStream((failure, reports) => launchError(failure, plan.steps, reports))
    const socket = await this.connect({
      message: (message) => stream.receive(message),
      closed: (error) => stream.finish(error ?? lost()),
    })
    stream.socket = socket
    const pipe = pipePath(this.socketPath)
    const sent = sendPlan(socket, stream, { plan: encodeHostPlan(plan), bytes: input, pipe })
    sent.catch(() => undefined)
    await stream.begun.catch(async (failure: unknown) => {
      // A source that failed ends its pipe, which the plan can only call too short.
      if (isPiped(input)) await sent
      throw failure
    })
    // A plan with output may take its input for as long as it writes.
    if (stream.ended) await sent
    return stream
  }

  async launch(plan: LaunchPlan): Promise<Shim> {
    const bytes = encodeLaunchPlan(plan)
    const shim: SocketShim = new SocketShim(plan.id, plan, (failure) =>
      launchError(failure, failure.role === 'init' ? plan.init : plan.shim, shim.report),
    )
    const connection = (await this.link()).channel({
      message: (message) => shim.receive(message),
      closed: (error) => void shim.closed(error),
    })
    shim.connected(connection)
    const settled = shim.settled()
    // The plan's own failure says more than a failed write does, but may arrive after it.
    await Promise.all([settled, connection.send('plan', bytes)])
    return shim
  }

  async reconnect(id: string): Promise<Shim | undefined> {
    const paths: ShimPaths = {
      socketPath: `${this.shimDir}/${id}.sock`,
      exitPath: `${this.shimDir}/${id}.exit`,
    }
    const shim: SocketShim = new SocketShim(id, paths, (failure) => launchError(failure, [], []))
    try {
      const settled = shim.settled()
      settled.catch(() => undefined)
      await shim.connect()
      await settled
      return shim
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? ''
      if (!NOBODY.has(code) && code !== 'unavailable') throw EngineError.from(error)
    }
    const record = await this.readExit(paths)
    return record && SocketShim.ended(id, paths, record)
  }

  /** The call is synchronous: on a tmpfs it is done before libuv's thread pool would have been woken. */
  async forget(id: string): Promise<void> {
    try {
      unlinkSync(`${this.shimDir}/${id}.exit`)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }

  private async readExit({ exitPath }: ShimPaths): Promise<ExitRecord | undefined> {
    try {
      return parseExitRecord(await readFile(exitPath, 'utf8'))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw EngineError.from(error)
    }
  }

  private async connect(handlers: Parameters<typeof ShimSocket.open>[1]): Promise<ShimSocket> {
    return ShimSocket.open(this.socketPath, handlers).catch((cause: unknown) => this.deaf(cause))
  }

  /** The connection that all plans share; opened when there is none, or none any more. */
  private link(): Promise<LauncherLink> {
    this.linked ??= this.openLink()
    return this.linked
  }

  private async openLink(): Promise<LauncherLink> {
    const forget = (): void => (this.linked = undefined)
    try {
      return await LauncherLink.open(this.socketPath, forget)
    } catch (cause) {
      forget()
      return this.deaf(cause)
    }
  }

  private deaf(cause: unknown): never {
    const message = `the launcher does not listen on ${this.socketPath}; is 'launcher serve' running?`
    throw new EngineError('unavailable', message, { path: this.socketPath }, cause)
  }
}

const lost = (): EngineError =>
  new EngineError('unavailable', 'the launcher closed the connection before it had answered')

function launchError(failure: Failure, steps: readonly Step[], reports: readonly StepReport[]): EngineError {
  const { role, step, op, errno } = failure
  const failed = steps[step]
  const message = failed === undefined ? `${op}: ${errnoText(errno)}` : describeFailure(failed, errno)
  const data = reports.find((report) => report.role === role && report.step === step)?.data
  if (data !== undefined && op.startsWith('tar-')) {
    const path = new TextDecoder().decode(data)
    return new EngineError('internal', `${message}: ${path}`, { role, step, op, errno, path })
  }
  return new EngineError('internal', message, { role, step, op, errno, ...(data && { answer: [...data] }) })
}
