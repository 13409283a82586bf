/** What a container engine's commands cost, whichever engine it is. */
import type { HeadlessMachine } from '../lib/machine/headless-machine.ts'
import { median, rounded, timeInGuest } from './guest-times.ts'

export interface Client {
  /** `docker`, `podman`. */
  command: string
  /** Where it is installed. */
  root: string
  /** Whether it can give a container a network in this machine. */
  network: boolean
  /** Of each command. */
  runs: number
}

/** Medians in milliseconds. */
export interface CommandTimes {
  /** `run --rm busybox true`, on the default network; none for an engine that has no network here. */
  run?: number
  runWithoutNetwork: number
  /** A COPY and a RUN, without the cache. */
  build: number
  exec: number
  ps: number
  logs: number
}

const BUILD = '/tmp/bench-build'
const DOCKERFILE = 'FROM busybox\\nCOPY file /file\\nRUN cp /file /copy\\n'
/** Of build: each is many commands long. */
const FEW = 5

/** The engine has the image busybox, and is left as it was. */
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
