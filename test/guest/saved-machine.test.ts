/** A machine that is saved, ended, and gone on with in another process: its containers, files and engine are as they were. */
import { afterEach, expect, test } from 'vitest'
import { HeadlessMachine } from '../../scripts/lib/machine/headless-machine.ts'
import { MemoryKeyValueStore } from '../../web/src/storage/memory-key-value-store.ts'

let machine: HeadlessMachine | undefined
afterEach(() => machine?.close())

const COUNT = 'i=0; while :; do i=$((i + 1)); echo $i > /data/n; echo $i > /n; sleep 0.2; done'

test('containers go on counting where they were, and the engine knows them', async () => {
  const keyValues = new MemoryKeyValueStore()
  machine = await HeadlessMachine.start({ keyValues })
  await machine.output(`docker run -d --name counter -v kept:/data busybox sh -c '${COUNT}'`)
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
