/** `npm run bench`: every figure from one machine in one run, as JSON on stdout (milliseconds unless said); progress on stderr. */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineCalls } from '../web/src/client/engine-calls.ts'
import { parseManifest, MANIFEST_PATH } from '../web/src/vm/manifest.ts'
import { parseSnapshotIndex, snapshotPath } from '../web/src/vm/snapshot.ts'
import { buildSite } from './build.ts'
import { measureChannel } from './bench/channel.ts'
import { createAndStart } from './bench/engine-calls.ts'
import { measureWork } from './bench/engine-work.ts'
import { sh } from './bench/guest-shell.ts'
import { median, rounded, timeHere, timeInGuest } from './bench/guest-times.ts'
import { measurePage } from './bench/page.ts'
import { measurePeers } from './bench/peers.ts'
import { HeadlessMachine } from './lib/headless-machine.ts'
import { step } from './lib/log.ts'
import { main } from './lib/main.ts'
import { publicDir } from './lib/paths.ts'

const RUNS = 15

async function bench(): Promise<object> {
  await step('site', buildSite)
  const page = await step('page in Chromium', measurePage)
  const start = performance.now()
  const machine = await step('restore', () => HeadlessMachine.start())
  try {
    await machine.exec('true')
    const restoreToPrompt = performance.now() - start
    const pull = await timeHere(1, () => sh(machine, 'docker pull -q busybox'))
    const first = await timeHere(1, () => sh(machine, 'docker run --rm busybox true'))
    const docker = await step('docker run', () => timeInGuest(machine, 'docker run --rm busybox true', RUNS))
    const engine = await step('engine create and start', () => createAndStart(machine, RUNS))
    const work = await step('pull, build, exec, ps, logs', () => measureWork(machine, RUNS))
    const layers = await busyboxLayers(machine)
    const peers = await step('floor, crun, runc', () => measurePeers(machine, layers, RUNS))
    const channel = await step('channel', () => measureChannel(machine))
    const medians = {
      docker: median(docker),
      engine: median(engine),
      floor: median(peers.floor),
      crun: median(peers.crun),
    }
    return {
      runs: RUNS,
      restoreToPrompt: rounded(restoreToPrompt),
      pullBusybox: rounded(median(pull)),
      firstDockerRun: rounded(median(first)),
      dockerRun: rounded(medians.docker),
      engineCreateStart: rounded(medians.engine),
      launcherFloor: rounded(medians.floor),
      crunRun: rounded(medians.crun),
      runcRun: rounded(median(peers.runc)),
      work,
      ratios: {
        dockerRunToCrun: rounded(medians.docker / medians.crun),
        engineToFloor: rounded(medians.engine / medians.floor),
      },
      channel: {
        upMBs: rounded(channel.upMBs),
        downMBs: rounded(channel.downMBs),
        pingMs: rounded(median(channel.pingMs)),
      },
      page,
      bytes: await sizes(),
    }
  } finally {
    await machine.close()
  }
}

/** The uncompressed layers of the image, lowest first. */
async function busyboxLayers(machine: HeadlessMachine): Promise<string[]> {
  const calls = new EngineCalls(machine.transport)
  const image = await calls.json<{ RootFS: { Layers: string[] } }>({
    method: 'GET',
    path: '/images/busybox/json',
  })
  return image.RootFS.Layers
}

/** What a page downloads before its prompt, and the whole guest. */
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
