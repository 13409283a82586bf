/** `npm run bench`: every figure from one machine in one run, as JSON on stdout (milliseconds unless said); progress on stderr. */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { parseManifest, MANIFEST_PATH } from '../web/src/vm/manifest.ts'
import { parseSnapshotIndex, snapshotPath } from '../web/src/vm/snapshot.ts'
import { buildSite } from './build.ts'
import { measureChannel } from './bench/channel.ts'
import { createAndStart } from './bench/engine-calls.ts'
import { measureCommands, type CommandTimes } from './bench/engine-work.ts'
import { median, rounded, timeHere } from './bench/guest-times.ts'
import { countCommands } from './bench/instructions.ts'
import { keystrokeCost } from './bench/keystroke.ts'
import { measurePage } from './bench/page.ts'
import { measurePeerEngines } from './bench/peer-engines.ts'
import { openPeerRoot } from './bench/peer-root.ts'
import { measureRuntimes } from './bench/oci-runtimes.ts'
import { measurePull } from './bench/pull.ts'
import { benchSite } from './bench/site.ts'
import { HeadlessMachine } from './lib/machine/headless-machine.ts'
import { step } from './lib/log.ts'
import { main } from './lib/main.ts'
import { publicDir } from './lib/paths.ts'

const RUNS = 15
/** Runs of other engines' commands, which take ten seconds each. */
const FEW = 5

async function bench(): Promise<object> {
  await step('site', buildSite)
  const page = await step('page in Chromium', measurePage)
  const files = await step('image of the peers', benchSite)
  const start = performance.now()
  const machine = await step('restore', () => HeadlessMachine.start({ files }))
  try {
    await machine.exec('true')
    const restoreToPrompt = rounded(performance.now() - start)
    return { runs: RUNS, restoreToPrompt, ...(await measureGuest(machine)), page, bytes: await sizes() }
  } finally {
    await machine.close()
  }
}

async function measureGuest(machine: HeadlessMachine): Promise<object> {
  const pullBusybox = await timeHere(1, () => machine.output('docker pull -q busybox'))
  const first = await timeHere(1, () => machine.output('docker run --rm busybox true'))
  const ours = { command: 'docker', root: '/', network: true, runs: RUNS }
  const instructions = await step('instructions', () => countCommands(machine))
  const keystroke = await step('keystroke', () => keystrokeCost(machine))
  const porthole = await step('run, build, exec, ps, logs', () => measureCommands(machine, ours))
  const engine = median(await step('engine create and start', () => createAndStart(machine, RUNS)))
  const pull = await step('pull', () => measurePull(machine, FEW))
  const channel = await step('channel', () => measureChannel(machine))
  const root = await openPeerRoot(machine)
  const runtimes = await step('floor, crun, runc', () => measureRuntimes(machine, root, RUNS))
  const peers = await step('docker.io, podman', () => measurePeerEngines(machine, root, FEW))
  const [floor, crun] = [median(runtimes.floor), median(runtimes.crun)]
  return {
    pullBusybox: rounded(median(pullBusybox)),
    firstDockerRun: rounded(median(first)),
    instructions,
    keystroke: rounded(keystroke),
    engineCreateStart: rounded(engine),
    launcherFloor: rounded(floor),
    crunRun: rounded(crun),
    runcRun: rounded(median(runtimes.runc)),
    pull,
    commands: { porthole, ...peers },
    ratios: {
      dockerRunToCrun: rounded(porthole.run! / crun),
      engineToFloor: rounded(engine / floor),
      toDockerIo: ratios(porthole, peers.dockerIo),
      toPodman: ratios(porthole, peers.podman),
    },
    channel: {
      upMBs: rounded(channel.upMBs),
      downMBs: rounded(channel.downMBs),
      pingMs: rounded(median(channel.pingMs)),
    },
  }
}

/** The ratio of our times to another engine's, for the commands that were measured with both. */
function ratios(ours: CommandTimes, theirs: CommandTimes): Record<string, number> {
  const names = Object.keys(theirs) as (keyof CommandTimes)[]
  return Object.fromEntries(names.map((name) => [name, rounded(ours[name]! / theirs[name]!)]))
}

/** The bytes that a page downloads before its prompt, and those of the whole guest. */
async function sizes(): Promise<object> {
  const manifest = parseManifest(await readFile(join(publicDir, MANIFEST_PATH)))
  const path = snapshotPath(256)
  const snapshot = parseSnapshotIndex(await readFile(join(publicDir, path)), path)
  const chunks = new Map(manifest.files.map((file) => [file.path.split('/').at(-1), file.size]))
  const state = sum(snapshot.parts.map(({ size }) => size))
  const warm = sum(snapshot.warmChunks.map((name) => chunks.get(name) ?? 0))
  const index = (await stat(join(publicDir, path))).size
  return {
    snapshot: state,
    snapshotRaw: snapshot.rawSize,
    warmChunks: warm,
    firstPrompt: state + warm + index,
    guest: sum(manifest.files.map(({ size }) => size)),
  }
}

const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0)

await main(async () => {
  process.stdout.write(`${JSON.stringify(await bench(), undefined, 2)}\n`)
})
