/** Measures what the commands of any container engine cost. */
import type { HeadlessMachine } from '../lib/machine/headless-machine.ts'
import { median, rounded, timeInGuest } from './guest-times.ts'

export interface Client {
  /** `docker`, `podman`. */
  command: string
  /** The root directory in which it is installed. */
  root: string
  /** Whether it can give a container a network in this machine. */
  network: boolean
  /** The number of runs of each command. */
  runs: number
}

/** Medians in milliseconds. */
export interface CommandTimes {
  /** `run --rm busybox true` on the default network; absent for an engine that has no network here. */
  run?: number
  runWithoutNetwork: number
  /** A COPY and a RUN without the cache. */
  build: number
  exec: number
  ps: number
  logs: number
}

const BUILD = '/tmp/bench-build'
const DOCKERFILE = 'FROM busybox\\nCOPY file /file\\nRUN cp /file /copy\\n'
/** Runs of `build`, each of which takes as long as many commands. */
const FEW = 5

/** Expects the engine to have the image busybox, and leaves the engine as it was. */
export async function measureCommands(machine: HeadlessMachine, client: Client): Promise<CommandTimes> {
  const { command, root, runs } = client
  const inRoot = (line: string) => machine.output(`exec chroot ${root} bash -c '${line}'`)
  const time = async (line: string, count = runs) =>
    rounded(median(await timeInGuest(machine, `${command} ${line}`, count, root)))
  await inRoot(
    `${command} run -d --name bench --network none busybox sh -c "seq 100; exec sleep 100000" &&
    mkdir -p ${BUILD} && printf "${DOCKERFILE}" > ${BUILD}/Dockerfile && echo text > ${BUILD}/file`,
  )
  const times = {
    ...(client.network && { run: await time('run --rm busybox true') }),
    runWithoutNetwork: await time('run --rm --network none busybox true'),
    build: await time(`build --network none --no-cache -q ${BUILD}`, Math.min(runs, FEW)),
    exec: await time('exec bench true'),
    ps: await time('ps'),
    logs: await time('logs bench'),
  }
  await inRoot(`${command} rm -f bench && ${command} image prune -f`)
  return times
}
