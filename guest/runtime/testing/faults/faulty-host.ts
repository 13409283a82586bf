/**
 * The guest of the fault-injection suites: a launcher of which every step can fail once, and the state that the kernel
 * has after its steps: links, network namespaces, mounts, frozen cgroups. A plan that fails has done the steps before
 * and runs its undo.
 */
import { EngineError } from '../../../protocol/errors.ts'
import type {
  PlanStream,
  Shim,
  ShimAttachment,
  ShimExit,
  ShimOutput,
  StepReport,
} from '../../host/launcher/launcher-api.ts'
import { CLONE } from '../../plan/linux-constants.ts'
import type { HostPlan, LaunchPlan, Step } from '../../plan/plan.ts'
import { FakeKernel } from '../fake-kernel.ts'
import { FakeLauncherClient, FakeMachine, type FakeProcess } from '../launcher-fake.ts'
import type { MemoryFiles } from '../memory-files.ts'
import { peerGone, type Faults } from './faults.ts'

const MOUNTINFO = '/proc/self/mountinfo'
const [EINVAL, ENOMEM] = [22, 12]
/** The steps of a launch plan that leave something in the guest, beside cgroups. */
const NETWORK_OPS: ReadonlySet<string> = new Set(['keep-namespace', 'umount', 'unlink'])
const SIGTERM = 15

const subject = (step: Step): string => {
  if ('path' in step) return step.path
  return 'target' in step ? step.target : ''
}

const stepName = (step: Step): string => `${step.op} ${subject(step)}`.trim()

function stepError(role: 'shim' | 'init', index: number, { op }: Step, errno: number): EngineError {
  return new EngineError('internal', `${op}: errno ${errno}`, { role, step: index, op, errno })
}

export class FaultyHost extends FakeLauncherClient {
  readonly kernel = new FakeKernel()
  /** Mount points of the guest's own mount namespace, the oldest first. */
  readonly mounts: string[] = []
  readonly namespaces = new Set<string>()
  readonly frozen = new Set<string>()
  /** Called with each process that starts. */
  onLaunch: (process: FakeProcess) => void = () => undefined
  /** Called with each mount that is made. */
  onMount: (target: string) => void = () => undefined
  readonly #faults: Faults
  readonly #files: MemoryFiles

  constructor(faults: Faults, files: MemoryFiles) {
    super(new FakeMachine())
    this.#faults = faults
    this.#files = files
    this.#tellMounts()
  }

  override async ask(plan: HostPlan): Promise<StepReport[]> {
    this.#faults.check('launcher.run', peerGone)
    const reports = await this.#execute(plan)
    this.#faults.check(`launcher.run, the answer to ${plan.steps.map(({ op }) => op).join(' ')}`, peerGone)
    return reports
  }

  override async stream(plan: HostPlan, input?: AsyncIterable<Uint8Array>): Promise<PlanStream> {
    this.#faults.check('launcher.stream', peerGone)
    const chunks: Uint8Array[] = []
    for await (const chunk of input ?? []) chunks.push(chunk)
    const reports = await this.#execute(plan)
    const answer = this.machine.answerStream(plan, Buffer.concat(chunks))
    const faults = this.#faults
    async function* output(): AsyncGenerator<Uint8Array> {
      yield answer
      faults.check('launcher.stream output', peerGone)
    }
    return { reports: () => reports, output: output() }
  }

  override async launch(plan: LaunchPlan): Promise<Shim> {
    this.#faults.check('launcher.launch', peerGone)
    const untilExec = plan.shim.slice(
      0,
      plan.shim.findIndex(({ op }) => op === 'await-exec'),
    )
    try {
      await this.#runShim('launcher.launch shim', untilExec)
      this.#checkSteps('launcher.launch init', 'init', plan.init)
    } catch (error) {
      await this.#endShim(plan)
      throw error
    }
    const shim = this.#faultyShim(await super.launch(plan), plan)
    this.onLaunch(this.machine.process(plan.id))
    return shim
  }

  /** What a shim does before its process executes; the network's steps have an effect. */
  async #runShim(what: string, steps: readonly Step[]): Promise<void> {
    const done: Step[] = []
    try {
      for (const [index, step] of steps.entries()) {
        this.#checkSteps(what, 'shim', [step], index)
        done.push(step)
      }
    } finally {
      await this.#takeEffect(done)
    }
  }

  /** The steps after the process's end, of which none fails that is not tolerated. */
  async #endShim({ shim }: LaunchPlan): Promise<void> {
    const last = shim.slice(shim.findIndex(({ op }) => op === 'await-exit') + 1)
    await this.#takeEffect(last)
    // A cgroup that is gone is not frozen.
    for (const step of last) if (step.op === 'cgroup-remove') this.frozen.delete(step.path)
  }

  async #takeEffect(steps: readonly Step[]): Promise<void> {
    await this.kernel.run({ steps })
    for (const step of steps) if (NETWORK_OPS.has(step.op)) await this.#apply(step, false)
  }

  override async reconnect(id: string): Promise<Shim | undefined> {
    this.#faults.check(`launcher.reconnect ${id}`, peerGone)
    const shim = await super.reconnect(id)
    return shim && this.#faultyShim(shim, this.machine.process(id).plan)
  }

  override async forget(id: string): Promise<void> {
    this.#faults.check(`launcher.forget ${id}`, peerGone)
    return super.forget(id)
  }

  #checkSteps(what: string, role: 'shim' | 'init', steps: readonly Step[], first = 0): void {
    for (const [index, step] of steps.entries()) {
      const fails = step.tolerate === undefined && this.#faults.fails(`${what} ${stepName(step)}`)
      if (fails) throw stepError(role, first + index, step, ENOMEM)
    }
  }

  async #execute(plan: HostPlan): Promise<StepReport[]> {
    this.machine.hostPlans.push(plan)
    const done: Step[] = []
    const isPrivate = plan.steps.some(
      ({ op, ...step }) => op === 'unshare' && 'flags' in step && step.flags === CLONE.NEWNS,
    )
    for (const [index, step] of plan.steps.entries()) {
      const errno = this.#errnoOf(step, isPrivate)
      if (errno === 0 || step.tolerate !== undefined) {
        done.push(step)
        await this.#apply(step, isPrivate)
        continue
      }
      await this.kernel.run({ steps: [...done, ...(plan.undo ?? [])] })
      for (const undone of plan.undo ?? []) await this.#apply(undone, isPrivate)
      throw stepError('shim', index, step, errno)
    }
    const reports = await this.kernel.ask({ steps: done })
    return reports.map((report) => {
      const data = this.machine.answerStep(plan.steps[report.step]!)
      return data === undefined ? report : { ...report, data }
    })
  }

  /** The errno of a step that the kernel refuses, or that is made to fail; 0 for any other. */
  #errnoOf(step: Step, isPrivate: boolean): number {
    if (step.tolerate === undefined && this.#faults.fails(`launcher.run ${stepName(step)}`)) return ENOMEM
    const isMounted = step.op !== 'umount' || isPrivate || this.mounts.includes(step.path)
    return isMounted ? 0 : EINVAL
  }

  async #apply(step: Step, isPrivate: boolean): Promise<void> {
    if (isPrivate || ('at' in step && step.at !== undefined)) return
    switch (step.op) {
      case 'mkdir':
        return this.#files.makeDirectory(step.path, step.mode)
      case 'rmdir':
      case 'unlink':
        return this.#files.removeTree(step.path)
      case 'mount':
      case 'mount-fs':
        this.mounts.push(step.target)
        this.#tellMounts()
        return this.onMount(step.target)
      case 'umount':
        return this.#unmount(step.path)
      case 'keep-namespace':
        this.namespaces.add(step.path)
        return this.#files.put(step.path, '')
      case 'cgroup-freeze':
        this.frozen[step.frozen ? 'add' : 'delete'](step.path)
    }
  }

  async #unmount(path: string): Promise<void> {
    this.namespaces.delete(path)
    const index = this.mounts.lastIndexOf(path)
    if (index < 0) return
    this.mounts.splice(index, 1)
    // The files of a mount disappear with it; the directory below is empty.
    for (const inside of this.#files.paths.filter((one) => one.startsWith(`${path}/`)))
      await this.#files.removeTree(inside)
    this.#tellMounts()
  }

  #tellMounts(): void {
    const lines = this.mounts.map((target) => `1 1 0:1 / ${target} rw - none none rw\n`)
    this.#files.put(MOUNTINFO, lines.join(''))
  }

  #faultyShim(shim: Shim, plan: LaunchPlan): Shim {
    const faults = this.#faults
    const process = this.machine.process(shim.id)
    const cleanUp = async (exit: ShimExit): Promise<ShimExit> => {
      await this.#endShim(plan)
      const cleanedUp = !faults.fails('shim, the steps after its process')
      return { ...exit, cleanedUp }
    }
    return {
      id: shim.id,
      identity: shim.identity,
      report: shim.report,
      socketPath: shim.socketPath,
      exited: shim.exited.then(cleanUp),
      start: () => shim.start(),
      async attach(options) {
        faults.check(`shim.attach`, peerGone)
        return faultyAttachment(await shim.attach(options), faults)
      },
      onDnsQuery: (handler) => shim.onDnsQuery(handler),
      async resize(size) {
        faults.check('shim.resize', peerGone)
        return shim.resize(size)
      },
      async signal(signal) {
        faults.check(`shim.signal ${signal}`, peerGone)
        await shim.signal(signal)
        if (signal === SIGTERM) process.end({ exitCode: 143, signal })
      },
      release: () => shim.release(),
    }
  }
}

function faultyAttachment(attachment: ShimAttachment, faults: Faults): ShimAttachment {
  async function* output(): AsyncGenerator<ShimOutput> {
    faults.check('shim output', peerGone)
    yield* attachment.output
  }
  return {
    output: output(),
    async write(bytes) {
      faults.check('shim input', peerGone)
      return attachment.write(bytes)
    },
    async closeStdin() {
      faults.check('shim end of input', peerGone)
      return attachment.closeStdin()
    },
    detach: () => attachment.detach(),
  }
}
