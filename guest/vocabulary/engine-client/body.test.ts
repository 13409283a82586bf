import { expect, test } from 'vitest'
import { letGo, linesOf, readText } from './body.ts'

const encode = (text: string) => new TextEncoder().encode(text)

async function* pieces(...chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks
}

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

test('lines and texts may be split anywhere, inside a character too', async () => {
  const text = '{"a":"镜像"}\r\n{"b":2}\n\n{"c":3}'
  const bytes = encode(text)
  for (let at = 0; at <= bytes.length; at++) {
    const halves = () => pieces(bytes.slice(0, at), bytes.slice(at))
    const values: unknown[] = []
    for await (const line of linesOf(halves())) values.push(JSON.parse(line))
    expect(values, `split at ${at}`).toEqual([{ a: '镜像' }, { b: 2 }, { c: 3 }])
    expect(await readText(halves()), `split at ${at}`).toBe(text)
  }
})

test('a text larger than the limit is refused', async () => {
  await expect(readText(pieces(encode('123'), encode('45')), 4)).rejects.toMatchObject({ code: 'too-large' })
})
