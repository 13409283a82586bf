import { expect, test } from 'vitest'
import { forwardInput, type InputSource } from './terminal-input.ts'

function source() {
  const listeners: { data?: (text: string) => void; binary?: (bytes: string) => void } = {}
  const terminal: InputSource = {
    onData: (listener) => (listeners.data = listener),
    onBinary: (listener) => (listeners.binary = listener),
  }
  const sent: (string | Uint8Array)[] = []
  forwardInput(terminal, (input) => sent.push(input))
  return { listeners, sent }
}

test('keys and replies are sent as text', () => {
  const { listeners, sent } = source()
  listeners.data!('\x1b[24;80R')
  expect(sent).toEqual(['\x1b[24;80R'])
})

test('a legacy mouse report is sent byte for byte: column 200 is one byte above 127', () => {
  const { listeners, sent } = source()
  listeners.binary!('\x1b[M \xe8\x21')
  expect(sent).toEqual([new Uint8Array([0x1b, 0x5b, 0x4d, 0x20, 0xe8, 0x21])])
})
