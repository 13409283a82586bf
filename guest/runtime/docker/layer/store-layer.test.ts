import { expect, test } from 'vitest'
import { EngineError } from '../../../protocol/errors.ts'
import type { HostPlan } from '../../plan/plan.ts'
import { testEngine } from '../../testing/test-engine.ts'
import { isEmptyLayer, storeUpperLayer } from './store-layer.ts'

const DIFF_ID = `sha256:${'a'.repeat(64)}` as const

/** A store that keeps its layers, and a launcher that packs them. */
function scene() {
  const engine = testEngine()
  const plans: HostPlan[] = []
  const ingested: { mediaType: string; bytes: string }[] = []
  engine.machine.answerStream = (plan) => {
    plans.push(plan)
    return Buffer.from('the tar')
  }
  engine.context.content = {
    ...engine.context.content,
    async ingest(mediaType, bytes) {
      const chunks: Uint8Array[] = []
      for await (const chunk of bytes) chunks.push(chunk)
      ingested.push({ mediaType, bytes: Buffer.concat(chunks).toString() })
      return { digest: DIFF_ID, diffId: DIFF_ID, size: 7, unpackedSize: 3 }
    },
  }
  return { engine, plans, ingested }
}

test("a container's upper directory is streamed into the store as an uncompressed layer", async () => {
  const { engine, plans, ingested } = scene()
  const container = await engine.create()
  const layer = await storeUpperLayer(engine.context, container)
  expect(layer).toEqual({ digest: DIFF_ID, diffId: DIFF_ID, size: 7, unpackedSize: 3 })
  expect(ingested).toEqual([{ mediaType: 'application/vnd.oci.image.layer.v1.tar', bytes: 'the tar' }])
  expect(plans[0]!.steps[0]).toMatchObject({
    op: 'open',
    path: `/var/lib/docker/overlay2/${container.id}/diff`,
  })
  expect(plans[0]!.steps[1]).toMatchObject({ op: 'tar-pack', path: '/', flags: 2 })
})

test('any upper directory will do, and its failure reaches the caller', async () => {
  const { engine, plans } = scene()
  await storeUpperLayer(engine.context, '/tmp/upper')
  expect(plans[0]!.steps[0]).toMatchObject({ path: '/tmp/upper' })
  engine.machine.failNext(new EngineError('internal', 'open /tmp/gone: no such file or directory'))
  await expect(storeUpperLayer(engine.context, '/tmp/gone')).rejects.toThrow('no such file or directory')
})

test('the layer of a tar without members is known for empty', () => {
  const diffId = 'sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef'
  expect(isEmptyLayer({ digest: diffId, diffId, size: 1024, unpackedSize: 0 })).toBe(true)
  expect(isEmptyLayer({ digest: DIFF_ID, diffId: DIFF_ID, size: 1024, unpackedSize: 0 })).toBe(false)
})
