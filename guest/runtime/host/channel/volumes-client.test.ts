import { expect, it } from 'vitest'
import { byteStreamPair } from '../../../../test/support/byte-stream-pair.ts'
import type { Channel } from '../../../protocol/wire/byte-stream.ts'
import { channelVolumesClient } from './volumes-client.ts'

/** Lists the shelf of a page that answers with this line. */
async function listed(line: string) {
  const [ours, theirs] = byteStreamPair()
  const channel: Channel = {
    open: () => Promise.resolve(ours),
    closed: new Promise(() => undefined),
    close: () => undefined,
  }
  const listing = channelVolumesClient(() => Promise.resolve(channel)).list()
  await theirs.write(new TextEncoder().encode(`${line}\n`))
  return listing
}

const VOLUME = { name: 'data', createdAt: '2026-01-01T00:00:00Z', labels: { a: 'b' }, options: null }

it('lists the volumes that the page keeps', async () => {
  const shelf = { machine: 'm', volumes: [VOLUME], newer: ['web'], refusal: 'a private window' }
  expect(await listed(JSON.stringify({ result: shelf }))).toEqual(shelf)
})

it.each([
  ['oops', 'is not JSON'],
  ['{"result":null}', 'sent no list of volumes'],
  [JSON.stringify({ result: { machine: 'm', volumes: [{ ...VOLUME, labels: { a: 1 } }] } }), 'sent no list'],
  ['{"error":{"code":"strange","message":"x"}}', 'sent an error that is none'],
])('%s is refused', async (line, message) => {
  const refused = expect(listed(line)).rejects
  await refused.toMatchObject({ code: 'corrupt', message: expect.stringContaining(message) as unknown })
})
