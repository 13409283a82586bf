/** A machine that is saved, ended, and gone on with in another process: its containers, files and engine are as they were. */
import { afterEach, expect, test } from 'vitest'
import { HeadlessMachine } from '../../scripts/lib/machine/headless-machine.ts'
import { EngineClient } from '../../web/src/client/engine-client.ts'
import { MemoryKeyValueStore } from '../../web/src/storage/memory-key-value-store.ts'

let machine: HeadlessMachine | undefined
afterEach(() => machine?.close())

const COUNT = 'i=0; while :; do i=$((i + 1)); echo $i > /data/n; echo $i > /n; sleep 0.2; done'

test('containers go on counting where they were, and the engine knows them', async () => {
  const keyValues = new MemoryKeyValueStore()
  machine = await HeadlessMachine.start({ keyValues })
  await machine.output(`docker run -d --name counter -v /data busybox sh -c '${COUNT}'`)
  await machine.output('head -c 20000000 /dev/urandom > /root/random; sha256sum /root/random > /root/sum')
  const before = await machine.output(
    'docker inspect -f "{{.Id}} {{.State.Pid}} {{.State.StartedAt}}" counter',
  )
  for (let round = 0; round < 3; round++) {
    const saved = await machine.guest.save()
    const counted = Number(await machine.output('docker exec counter cat /n'))
    await machine.close()
    machine = await HeadlessMachine.start({ keyValues, saved })
    expect(
      await machine.output('docker inspect -f "{{.Id}} {{.State.Pid}} {{.State.StartedAt}}" counter'),
    ).toBe(before)
    await machine.output(`docker exec counter sh -c 'until [ $(cat /n) -gt ${counted} ]; do sleep 0.1; done'`)
    await machine.output('sha256sum -c /root/sum && docker run --rm busybox true')
  }
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
