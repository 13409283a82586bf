import { expect, test } from 'vitest'
import { collectStream } from './collect-stream.ts'
import { stdcopyFrame } from '../../../vocabulary/stdcopy.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

test('the text is the same however often it is asked for', async () => {
  const { stream, text } = collectStream(100)
  await stream.write(stdcopyFrame('stdout', bytes('ab')))
  expect([text(), text()]).toEqual(['ab', 'ab'])
  await stream.write(stdcopyFrame('stderr', bytes('c')))
  expect([text(), text()]).toEqual(['abc', 'abc'])
})

test('a character that is split between frames is whole, whatever the other output says in between', async () => {
  const { stream, text } = collectStream(100)
  const [first, second] = [bytes('é').slice(0, 1), bytes('é').slice(1)]
  await stream.write(stdcopyFrame('stdout', first))
  await stream.write(stdcopyFrame('stderr', bytes('!')))
  await stream.write(stdcopyFrame('stdout', second))
  expect(text()).toBe('!é')
})

test('a character that is never finished is one replacement character', async () => {
  const { stream, text } = collectStream(100)
  await stream.write(stdcopyFrame('stderr', bytes('x€').slice(0, 3)))
  expect(text()).toBe('x\ufffd')
})

test('beyond the limit nothing is kept, and three dots say so', async () => {
  const { stream, text } = collectStream(4096)
  await stream.write(stdcopyFrame('stdout', bytes('y'.repeat(3000))))
  await stream.write(stdcopyFrame('stdout', bytes('y'.repeat(2000))))
  expect(text()).toBe(`${'y'.repeat(4096)}...`)
})

test('what fits exactly is not cut', async () => {
  const { stream, text } = collectStream(3)
  await stream.write(stdcopyFrame('stdout', bytes('abc')))
  expect(text()).toBe('abc')
})
