import { expect, test } from 'vitest'
import { MemoryFiles } from '../../testing/memory-files.ts'
import { readRecord, recordText } from './record-files.ts'

interface Thing {
  name: string
  labels: Record<string, string> | null
  parts: string[]
  size?: number
}

const read = (text: string) =>
  readRecord<Thing>(new MemoryFiles({ '/r.json': text }), '/r.json', {
    name: 'string',
    labels: 'object or null',
    parts: 'array',
    size: 'number?',
  })

test('a record comes back as it was written', async () => {
  const thing: Thing = { name: 'a', labels: null, parts: [] }
  expect(await read(recordText(thing))).toEqual({ ...thing, version: 1 })
})

test.each([
  ['', 'it is not JSON'],
  ['{"name":"a","lab', 'it is not JSON'],
  ['[]', 'it is no JSON object'],
  ['null', 'it is no JSON object'],
  ['{"name":"a","labels":{},"parts":[]}', 'it is of version undefined, not 1'],
  ['{"version":2,"name":"a","labels":{},"parts":[]}', 'it is of version 2, not 1'],
  ['{"version":1,"labels":{},"parts":[]}', 'its field name is not of type string'],
  ['{"version":1,"name":"a","labels":[],"parts":[]}', 'its field labels is not of type object or null'],
  ['{"version":1,"name":"a","labels":{},"parts":null}', 'its field parts is not of type array'],
  ['{"version":1,"name":"a","labels":{},"parts":[],"size":"1"}', 'its field size is not of type number?'],
])('%s is refused with the reason', async (text, reason) => {
  await expect(read(text)).rejects.toMatchObject({
    code: 'corrupt',
    message: `the record /r.json cannot be read: ${reason}; remove it`,
  })
})
