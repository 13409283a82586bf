/** What containers leave to the engine and the guest's shells, whatever they do: guest/native/init/init_setup.c. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { HeadlessMachine } from '../../scripts/lib/machine/headless-machine.ts'

const CGROUPS = '/sys/fs/cgroup'
/** Milliseconds. */
const POLL = { interval: 1000, timeout: 200_000 }

let machine: HeadlessMachine

beforeAll(async () => {
  machine = await HeadlessMachine.start()
  await machine.output('docker pull -q busybox')
})

afterAll(() => machine.close())

const guest = (command: string): Promise<string> => machine.output(command)
const numberOf = async (file: string): Promise<number> => Number(await guest(`cat ${CGROUPS}/${file}`))
const field = (text: string, key: string) => Number(new RegExp(`^${key} (\\d+)$`, 'm').exec(text)?.[1])

test('engine, shells and containers live below parents of their own', async () => {
  expect(await guest('cat /proc/self/cgroup')).toBe('0::/shells')
  expect(await guest(`cat /proc/$(cat ${CGROUPS}/engine/cgroup.procs)/cgroup`)).toBe('0::/engine')
  const id = await guest('docker run -d --name still busybox sleep 1000000')
  const pid = await guest(`docker inspect -f '{{.State.Pid}}' still`)
  expect(await guest(`cat /proc/${pid}/cgroup`)).toBe(`0::/docker/${id}`)
  expect(await guest('docker exec still cat /proc/self/cgroup')).toBe('0::/')
  await guest('docker rm -f still')
})

test('a shell has nine tenths of the CPU while three containers burn it', async () => {
  for (const name of ['busy-a', 'busy-b', 'busy-c'])
    await guest(`docker run -d --name ${name} busybox sh -c 'while :; do :; done'`)
  // The shell burns too, until it has had two seconds of CPU; it reads the files itself, to start no other process.
  const used = (cgroup: string) => `read -r _ ${cgroup} < ${CGROUPS}/${cgroup}/cpu.stat`
  const said = await guest(
    `${used('shells')}; ${used('docker')}; begun=$shells before=$docker
     while [ $((shells - begun)) -lt 2000000 ]; do ${used('shells')}; done
     ${used('docker')}; echo $((shells - begun)) $((docker - before))`,
  )
  const [shells, containers] = said.split(' ').map(Number) as [number, number]
  // The weights are 1000 and 100; shims and engine work a little meanwhile, and on their own account.
  expect(shells / (shells + containers)).toBeGreaterThan(0.8)
  await guest('docker rm -f busy-a busy-b busy-c')
})

const BOMB = 'b() { b | b & }; b; exec sleep 1000000'

test('a fork bomb without limits meets the ceiling of all containers, and docker kill ends it', async () => {
  const limit = await numberOf('docker/pids.max')
  await guest(`docker run -d --init --name bomb busybox sh -c '${BOMB}'`)
  const hits = async () => field(await guest(`cat ${CGROUPS}/docker/pids.events`), 'max')
  await expect.poll(hits, POLL).toBeGreaterThan(0)
  const id = await guest(`docker inspect -f '{{.Id}}' bomb`)
  // The container itself has no limit.
  expect(await guest(`cat ${CGROUPS}/docker/${id}/pids.max`)).toBe('max')
  expect(await guest(`docker ps --format '{{.Names}}'`)).toBe('bomb')
  expect(await numberOf('docker/pids.peak')).toBeLessThanOrEqual(limit)
  await guest('docker kill bomb')
  await expect
    .poll(() => guest(`docker inspect -f '{{.State.Status}} {{.State.ExitCode}}' bomb`), POLL)
    .toBe('exited 137')
  await guest('docker rm bomb')
  expect(await numberOf('docker/pids.current')).toBe(0)
  expect(await guest(`find ${CGROUPS}/docker -mindepth 1 -type d`)).toBe('')
})

test('containers together cannot take the memory that the engine needs', async () => {
  const engine = await guest(`cat ${CGROUPS}/engine/cgroup.procs`)
  const shell = `sh -c 'head -c 1000000000 /dev/zero | tail'`
  const { code } = await machine.exec(`docker run --name hungry busybox ${shell}`)
  expect(code).toBe(137)
  expect(await guest(`docker inspect -f '{{.State.OOMKilled}}' hungry`)).toBe('true')
  expect(await guest(`cat ${CGROUPS}/engine/cgroup.procs`)).toBe(engine)
  expect(field(await guest(`cat ${CGROUPS}/docker/memory.events`), 'oom_kill')).toBeGreaterThan(0)
  await guest('docker rm hungry')
})

test('--cgroup-parent: limits bite there too, and all below it meet the same ceilings', async () => {
  const id = await guest(
    `docker run -d --name apart --cgroup-parent /team/web --memory 32m busybox sleep 1000000`,
  )
  expect(await guest(`cat ${CGROUPS}/team/web/${id}/memory.max`)).toBe(String(32 << 20))
  for (const file of ['pids.max', 'memory.max'])
    expect(await numberOf(`team/${file}`)).toBe(await numberOf(`docker/${file}`))
  await guest('docker rm -f apart')
})
