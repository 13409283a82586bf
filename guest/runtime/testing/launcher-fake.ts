/**
 * A LauncherClient that starts nothing: it records plans and lets a test play the process. Shims outlive a client, as real
 * ones do: a second FakeLauncherClient over the same `FakeMachine` finds them again.
 */
import { EngineError } from '../../protocol/errors.ts'
import type { HostPlan, LaunchPlan } from '../plan/plan.ts'
import type {
  LauncherClient,
  PlanStream,
  Shim,
  ShimAttachment,
  ShimExit,
  ShimOutput,
  StepReport,
} from '../host/launcher/launcher-api.ts'

const succeeded = (role: 'shim' | 'init', ops: readonly { op: string }[]): StepReport[] =>
  ops.map(({ op }, step) => ({ step, role, op, result: 0, nanoseconds: 1000 }))

/** A process that a plan "started". */
export class FakeProcess {
  readonly plan: LaunchPlan
  readonly identity: { pid: number; startTime: number }
  state: 'waiting' | 'running' | 'ended'
  /** Everything that was typed to it, and whether its input has ended. */
  readonly input: Uint8Array[] = []
  inputEnded = false
  readonly signals: number[] = []
  readonly sizes: { columns: number; rows: number }[] = []
  exit: ShimExit | undefined
  readonly exited: Promise<ShimExit>
  readonly attachments = new Set<FakeAttachment>()
  dns: ((query: Uint8Array) => Promise<Uint8Array>) | undefined
  private settle!: (exit: ShimExit) => void
  /** Output before the first attachment, of a plan with holdOutput. */
  private held: ShimOutput[] | undefined

  constructor(plan: LaunchPlan, pid: number) {
    this.plan = plan
    this.identity = { pid, startTime: pid * 10 }
    this.state = plan.shim.some(({ op }) => op === 'await-start') ? 'waiting' : 'running'
    this.held = plan.io.holdOutput ? [] : undefined
    this.exited = new Promise((resolve) => (this.settle = resolve))
  }

  /** Lets the process write. */
  print(text: string, stream: 'stdout' | 'stderr' = 'stdout'): void {
    const output = { stream, bytes: new TextEncoder().encode(text) }
    if (this.held !== undefined) this.held.push(output)
    for (const attachment of this.attachments) attachment.deliver(output)
  }

  /** Lets the process end. */
  end(exit: Partial<ShimExit> = {}): void {
    this.state = 'ended'
    this.exit = { exitCode: 0, oomKilled: false, finishedAt: '0', ...exit }
    for (const attachment of this.attachments) attachment.finish()
    this.settle(this.exit)
  }

  attach(attachment: FakeAttachment): void {
    for (const output of this.held ?? []) attachment.deliver(output)
    this.held = undefined
    if (this.state === 'ended') attachment.finish()
    else this.attachments.add(attachment)
  }
}

class FakeAttachment implements ShimAttachment {
  private readonly process: FakeProcess
  private readonly queue: ShimOutput[] = []
  private ended = false
  private wake: (() => void) | undefined
  readonly output: AsyncIterable<ShimOutput> = { [Symbol.asyncIterator]: () => this.iterate() }

  constructor(process: FakeProcess) {
    this.process = process
    process.attach(this)
  }

  deliver(output: ShimOutput): void {
    this.queue.push(output)
    this.wake?.()
  }

  finish(): void {
    this.ended = true
    this.wake?.()
  }

  private async *iterate(): AsyncGenerator<ShimOutput> {
    for (;;) {
      const next = this.queue.shift()
      if (next !== undefined) yield next
      else if (this.ended) return
      else await new Promise<void>((resolve) => (this.wake = resolve))
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.process.input.push(bytes)
  }

  async closeStdin(): Promise<void> {
    this.process.inputEnded = true
  }

  detach(): void {
    this.process.attachments.delete(this)
    this.finish()
  }
}

class FakeShim implements Shim {
  readonly id: string
  readonly report: readonly StepReport[]
  readonly socketPath: string
  readonly exited: Promise<ShimExit>
  private readonly process: FakeProcess

  constructor(process: FakeProcess) {
    this.process = process
    this.id = process.plan.id
    this.socketPath = process.plan.socketPath
    this.report = [...succeeded('shim', process.plan.shim), ...succeeded('init', process.plan.init)]
    this.exited = process.exited
  }

  get identity(): { pid: number; startTime: number } {
    return this.process.identity
  }

  async start(): Promise<void> {
    if (this.process.state === 'waiting') this.process.state = 'running'
  }

  async attach(): Promise<ShimAttachment> {
    return new FakeAttachment(this.process)
  }

  onDnsQuery(handler: (query: Uint8Array) => Promise<Uint8Array>): void {
    this.process.dns = handler
  }

  async resize(size: { columns: number; rows: number }): Promise<void> {
    this.process.sizes.push(size)
  }

  async signal(signal: number): Promise<void> {
    if (this.process.state === 'ended') {
      throw new EngineError('conflict', `the process of ${this.id} has ended`, { id: this.id })
    }
    this.process.signals.push(signal)
    // SIGKILL cannot be caught, as in the kernel.
    if (signal === 9) this.process.end({ exitCode: 137, signal: 9 })
  }

  release(): void {
    this.process.attachments.clear()
  }
}

/** The parts of the machine that outlive the engine: processes and exit records. */
export class FakeMachine {
  readonly processes = new Map<string, FakeProcess>()
  readonly hostPlans: HostPlan[] = []
  readonly launchPlans: LaunchPlan[] = []
  private nextPid = 100
  private readonly failures: EngineError[] = []

  /** Makes the launcher refuse the next plan with this error. */
  failNext(error: EngineError): void {
    this.failures.push(error)
  }

  /** The output of `stream` for a plan that was sent with this input. */
  answerStream: (plan: HostPlan, input: Uint8Array) => Uint8Array = () => new Uint8Array(0)

  /** The data in the report of a step that reads something. */
  answerStep: (step: HostPlan['steps'][number]) => Uint8Array | undefined = () => undefined

  takeFailure(): EngineError | undefined {
    return this.failures.shift()
  }

  start(plan: LaunchPlan): FakeProcess {
    const process = new FakeProcess(plan, this.nextPid++)
    this.processes.set(plan.id, process)
    return process
  }

  /** The process of a plan by id; throws when there is none, so that a test fails there. */
  process(id: string): FakeProcess {
    const process = this.processes.get(id)
    if (process === undefined) throw new EngineError('not-found', `the fake machine runs no ${id}`)
    return process
  }
}

export class FakeLauncherClient implements LauncherClient {
  readonly machine: FakeMachine

  constructor(machine = new FakeMachine()) {
    this.machine = machine
  }

  async run(plan: HostPlan): Promise<void> {
    await this.ask(plan)
  }

  async ask(plan: HostPlan): Promise<StepReport[]> {
    const failure = this.machine.takeFailure()
    this.machine.hostPlans.push(plan)
    if (failure !== undefined) throw failure
    return succeeded('shim', plan.steps).map((report) => {
      const data = this.machine.answerStep(plan.steps[report.step]!)
      return data === undefined ? report : { ...report, data }
    })
  }

  async stream(plan: HostPlan, input?: AsyncIterable<Uint8Array>): Promise<PlanStream> {
    const chunks: Uint8Array[] = []
    for await (const chunk of input ?? []) chunks.push(chunk)
    const reports = await this.ask(plan)
    const answer = this.machine.answerStream(plan, Buffer.concat(chunks))
    async function* output(): AsyncGenerator<Uint8Array> {
      if (answer.length > 0) yield answer
    }
    return { reports: () => reports, output: output() }
  }

  async launch(plan: LaunchPlan): Promise<Shim> {
    const failure = this.machine.takeFailure()
    this.machine.launchPlans.push(plan)
    if (failure !== undefined) throw failure
    return new FakeShim(this.machine.start(plan))
  }

  async reconnect(id: string): Promise<Shim | undefined> {
    const process = this.machine.processes.get(id)
    return process && new FakeShim(process)
  }

  async forget(id: string): Promise<void> {
    if (this.machine.processes.get(id)?.state === 'ended') this.machine.processes.delete(id)
  }
}
