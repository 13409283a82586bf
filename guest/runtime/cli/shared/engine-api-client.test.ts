import { expect, test } from 'vitest'
import { letGo } from './engine-api-client.ts'

test.each([0, 1, 3])('a body of which %i chunks were read is ended when it is let go', async (read) => {
  let ended = 0
  async function* chunks(): AsyncGenerator<Uint8Array> {
    try {
      for (let count = 0; count < 3; count++) yield new Uint8Array(1)
    } finally {
      ended++
    }
  }
  const body = chunks()
  for (let count = 0; count < read; count++) await body.next()
  await letGo(body)
  expect(ended).toBe(1)
})
