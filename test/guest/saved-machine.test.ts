/**
 * A machine that is saved, ended, and gone on with as another: its containers, files and engine are as they were, and a
 * computation that was cut in two by a save has the right result. SAVES says how often.
 */
import { createHash } from 'node:crypto'
import { afterEach, expect, test } from 'vitest'
import { HeadlessMachine } from '../../scripts/lib/machine/headless-machine.ts'
import { EngineClient } from '../../web/src/client/engine-client.ts'
import { MemoryKeyValueStore } from '../../web/src/storage/memory-key-value-store.ts'

const SAVES = Number(process.env['SAVES'] ?? 2)
/** Hashes that the computation makes between two saves, at least. */
const HASHES = 2000

let machine: HeadlessMachine
afterEach(() => machine.close())

const guest = (command: string): Promise<string> => machine.output(command)

/** Each hash is that of the one before; `square` is the same with the processor's floating point. */
const COMPUTE = `
import hashlib, math
digest, square = b'', 2.0
for count in range(1, ${HASHES * (SAVES + 1)} + 1):
    digest = hashlib.sha256(digest).digest()
    square = math.sqrt(square * count)
    if count % 100 == 0: print(count, digest.hex(), repr(square), flush=True)
`

function computed(): string {
  let [digest, square]: [Uint8Array, number] = [new Uint8Array(), 2]
  const count = HASHES * (SAVES + 1)
  for (let index = 1; index <= count; index++) {
    digest = createHash('sha256').update(digest).digest()
    square = Math.sqrt(square * index)
  }
  return `${count} ${Buffer.from(digest).toString('hex')} ${square}`
}

/**
 * Seconds by which the scheduler's clock, which stamps kernel messages, is ahead of the monotonic one: a task that ran when
 * the clock jumped would wait for as long.
 */
async function schedulerAhead(): Promise<number> {
  const clocks = await guest(
    'cut -d " " -f 1 /proc/uptime; echo mark >/dev/kmsg; dmesg | tail -n 1 | tr -d "[]"',
  )
  const [uptime = 0, stamp = 0] = clocks.split('\n').map(parseFloat)
  return Math.abs(stamp - uptime)
}

test('containers go on where they were, and the engine knows them', async () => {
  const keyValues = new MemoryKeyValueStore()
  machine = await HeadlessMachine.start({ keyValues })
  await guest(`cat > /root/compute.py << 'END'\n${COMPUTE}\nEND`)
  await guest('docker pull -q python && docker run -d --name busy busybox sh -c "while :; do :; done"')
  await guest('docker run -d --name compute -v /data -v /root:/root python python3 /root/compute.py')
  const format = '{{.Id}} {{.State.Pid}} {{.State.StartedAt}}'
  const before = await guest(`docker inspect -f '${format}' compute busy`)
  for (let save = 1; save <= SAVES; save++) {
    await guest(`docker logs -f compute | grep -m 1 '^${HASHES * save} '`)
    const saved = await machine.guest.save()
    await machine.close()
    machine = await HeadlessMachine.start({ keyValues, saved })
    expect(await guest(`docker inspect -f '${format}' compute busy`)).toBe(before)
    expect(await schedulerAhead()).toBeLessThan(1)
  }
  expect(await guest('docker wait compute')).toBe('0')
  expect(await guest('docker logs --tail 1 compute')).toBe(computed())
  await guest('docker run --rm busybox true')
})

const ON =
  'n=$(cat /data/n 2>/dev/null || echo 0); while :; do n=$((n + 1)); echo $n > /data/n; sleep 0.2; done'

test('volumes that were saved after the machine come back, and their containers start again', async () => {
  const keyValues = new MemoryKeyValueStore()
  machine = await HeadlessMachine.start({ keyValues })
  await machine.output(`docker run -d --rm --name counter -v data:/data busybox sh -c '${ON}'`)
  await machine.output('docker run -d --name other -v same:/data busybox sleep 1000')
  await machine.output('docker run --rm -v same:/data busybox sh -c "echo same > /data/f"')
  await new EngineClient(machine.transport).saveVolumes()
  const pids = () => machine!.output('docker inspect -f "{{.State.Pid}}" counter other')
  const [counter, other] = (await pids()).split('\n')
  const saved = await machine.guest.save()
  const count = async () => Number(await machine!.output('docker run --rm -v data:/d busybox cat /d/n'))
  const before = await count()
  await machine.output(
    `docker exec counter sh -c 'until [ $(cat /data/n) -gt ${before + 100} ]; do sleep 0.1; done'`,
  )
  await machine.output('docker volume create later')
  await new EngineClient(machine.transport).saveVolumes()
  await machine.close()

  machine = await HeadlessMachine.start({ keyValues, saved })
  expect(machine.guest.returned).toEqual(['data'])
  expect(await machine.output('docker volume ls -q')).toBe('data\nlater\nsame')
  await machine.output('until docker exec counter true 2> /dev/null; do sleep 0.2; done')
  await machine.output(
    `until [ $(docker inspect -f "{{.State.Pid}}" counter) != ${counter} ]; do sleep 0.2; done`,
  )
  expect(await count()).toBeGreaterThan(before + 100)
  expect((await pids()).split('\n')[1]).toBe(other)
  const client = new EngineClient(machine.transport)
  expect(await client.saveVolumes()).toMatchObject({ state: 'saved' })
  const after = await count()
  await client.saveVolumes()
  await machine.close()
  machine = await HeadlessMachine.start({ keyValues })
  expect(await count()).toBeGreaterThanOrEqual(after)
})
