/**
 * Packs a volume's files into a tar, unpacks one, copies into a volume, and stamps its files to find changes: plans of
 * the launcher.
 */
import { EngineError } from '../../../protocol/errors.ts'
import { PACK } from '../../plan/pack-flags.ts'
import type { LauncherClient, StepReport } from '../../host/launcher/launcher-api.ts'
import { O } from '../../plan/linux-constants.ts'
import { SLOT, type Step } from '../../plan/plan.ts'

type Launcher = Pick<LauncherClient, 'run' | 'ask' | 'stream'>

/** The directory of the data within the volume's directory, with an owner and mode of its own. */
export const DATA = '_data'

export interface TreeStamp {
  sum: string
  /** Any later change is sure to give another sum. */
  settled: boolean
}

const openVolume = (path: string): Step => ({
  op: 'open',
  slot: SLOT.root,
  path,
  flags: O.PATH | O.DIRECTORY,
})

const stampStep: Step = { op: 'tree-stamp', at: SLOT.root, path: `/${DATA}` }

function stampOf(reports: readonly StepReport[]): TreeStamp {
  const data = reports.find(({ op }) => op === 'tree-stamp')?.data
  if (data?.length !== 9) throw new EngineError('internal', 'the launcher did not stamp the volume')
  return { sum: Buffer.from(data.subarray(0, 8)).toString('hex'), settled: data[8] === 1 }
}

/**
 * Stamps a volume's files.
 * @param path of the volume's directory
 */
export async function stampTree(launcher: Launcher, path: string): Promise<TreeStamp> {
  return stampOf(await launcher.ask({ steps: [openVolume(path), stampStep] }))
}

/** Packs a volume's files. The stamp is taken before the tar, so a change during the packing gives another one. */
export async function packTree(
  launcher: Launcher,
  path: string,
): Promise<{ stamp: TreeStamp; output: AsyncIterable<Uint8Array> }> {
  const pack: Step = {
    ...{ op: 'tar-pack', at: SLOT.root, path: `/${DATA}` },
    ...{ name: DATA, flags: PACK.top, exclude: [] },
  }
  const { reports, output } = await launcher.stream({ steps: [openVolume(path), stampStep, pack] })
  return { stamp: stampOf(reports()), output }
}

export interface CopiedDirectory {
  path: string
  uid: number
  gid: number
  mode: number
}

/**
 * Copies a directory onto one below a volume's data. Both are looked up below descriptors: a container that has the
 * volume may replace any part of the path by a link, which then leads nowhere but into the volume.
 */
export async function copyInto(
  launcher: Launcher,
  { path: source, uid, gid, mode }: CopiedDirectory,
  { data, subpath }: { data: string; subpath: string },
): Promise<void> {
  const pack: Step = { op: 'tar-pack', at: SLOT.root, path: '/', name: '.', flags: 0, exclude: [] }
  const target = { at: SLOT.root, path: `/${subpath}` }
  const fill: Step[] = [
    { op: 'tar-unpack', ...target, flags: 0 },
    { op: 'chown', ...target, uid, gid },
    { op: 'chmod', ...target, mode: mode & 0o7777 },
  ]
  const packed = await launcher.stream({ steps: [openVolume(source), pack] })
  const { output } = await launcher.stream({ steps: [openVolume(data), ...fill] }, packed.output)
  for await (const _ of output);
}

/** Unpacks a tar into an empty volume. The volume is the plan's root, so no link of the tar leads out of it. */
export async function unpackTree(
  launcher: Launcher,
  path: string,
  tar: AsyncIterable<Uint8Array>,
): Promise<TreeStamp> {
  const unpack: Step = { op: 'tar-unpack', at: SLOT.root, path: '/', flags: 0 }
  const { reports, output } = await launcher.stream({ steps: [openVolume(path), unpack, stampStep] }, tar)
  for await (const _ of output);
  return stampOf(reports())
}
