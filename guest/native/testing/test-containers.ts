/** The steps that tests of real containers share: set one up, launch it, read its output to the end. */
import { join } from 'node:path'
import { expect } from 'vitest'
import { EngineError } from '../../protocol/errors.ts'
import type { Shim, ShimAttachment, ShimExit } from '../../runtime/host/launcher/launcher-api.ts'
import type { CompileOptions } from '../../runtime/oci/compile-options.ts'
import { compilePlan } from '../../runtime/oci/compile-plan.ts'
import type { LaunchPlan } from '../../runtime/plan/plan.ts'
import type { OciProcess, OciSpec } from '../../runtime/oci/spec.ts'
import { testSpec, type TestBed } from './test-bed.ts'

/** cgroup v2 of a host that still has v1: no controllers, but cgroups all the same. */
export const HOST_CGROUPS = '/sys/fs/cgroup/unified'

export interface Setup {
  spec: OciSpec
  options: CompileOptions
}

export interface Finished extends ShimExit {
  stdout: string
  stderr: string
}

export interface Failed {
  role: string
  step: number
  op: string
  errno: number
}

export async function readOutput(attachment: ShimAttachment): Promise<{ stdout: string; stderr: string }> {
  const text = { stdout: '', stderr: '' }
  for await (const { stream, bytes } of attachment.output) text[stream] += Buffer.from(bytes).toString()
  return text
}

export async function finish(shim: Shim): Promise<Finished> {
  const text = await readOutput(await shim.attach({ stdin: false }))
  return { ...text, ...(await shim.exited) }
}

export class TestContainers {
  private readonly bed: TestBed
  private count = 0

  constructor(bed: TestBed) {
    this.bed = bed
  }

  /** A container that runs `args` on the test image; change it before `launch`. */
  setUp(args: string[], process: Partial<OciProcess> = {}): Setup {
    const { dir, image, shimDir } = this.bed
    const id = `c${++this.count}`
    const overlay = { lower: [image], upper: join(dir, id, 'upper'), work: join(dir, id, 'work') }
    const options = { id, root: { overlay }, rootMountPoint: join(dir, 'root'), shimDir }
    return { spec: testSpec(args, process), options: { ...options, holdOutput: true, createCwd: true } }
  }

  launch({ spec, options }: Setup): Promise<Shim> {
    return this.bed.client.launch(compilePlan(spec, options))
  }

  async shell(script: string, process: Partial<OciProcess> = {}): Promise<Finished> {
    return finish(await this.launch(this.setUp(['sh', '-c', script], process)))
  }

  /** The details of a launch that must fail. */
  async failure(plan: LaunchPlan): Promise<Failed> {
    const error = await this.bed.client.launch(plan).then(
      () => undefined,
      (reason: EngineError) => reason,
    )
    expect(error).toBeInstanceOf(EngineError)
    return error!.details as unknown as Failed
  }
}
