/** What a key costs that is typed into a terminal of the page: its way to the guest's shell, and its echo back. */
import type { ByteStream } from '../../guest/protocol/wire/byte-stream.ts'
import { EngineError } from '../../guest/protocol/errors.ts'
import { EngineClient } from '../../web/src/client/engine-client.ts'
import { HeadlessMachine } from '../lib/machine/headless-machine.ts'
import { isMain, main } from '../lib/main.ts'
import { countInstructions } from './instructions.ts'

/** Fits into one line with the prompt, so that the shell redraws nothing. */
const KEYS = 50
const WARM_UP = 50
const SIZE = { rows: 24, columns: 200 }

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Reads until the text has come. */
async function shown(stream: ByteStream, text: string): Promise<void> {
  let seen = ''
  while (!seen.includes(text)) {
    const chunk = await stream.read()
    if (chunk === null) throw new EngineError('internal', `the terminal ended before it showed ${text}`)
    seen += decoder.decode(chunk)
  }
}

/** Each key is typed when the one before it has been echoed. */
async function type(stream: ByteStream, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const key = String.fromCharCode(97 + (index % 26))
    await stream.write(encoder.encode(key))
    await shown(stream, key)
  }
}

/** Millions of instructions a key. */
export async function keystrokeCost(machine: HeadlessMachine): Promise<number> {
  const { exec } = new EngineClient(machine.transport)
  const terminal = { Tty: true, AttachStdin: true, AttachStdout: true, AttachStderr: true, Env: ['PS1=$ '] }
  const id = await exec.createInGuest({ ...terminal, Cmd: ['bash', '--norc', '--noprofile'] })
  const stream = await exec.attach(id, SIZE)
  await shown(stream, '$ ')
  await type(stream, WARM_UP)
  const total = await countInstructions(machine, () => type(stream, KEYS))
  stream.reset('all keys were typed')
  return total / KEYS / 1e6
}

if (isMain(import.meta.url)) {
  await main(async () => {
    const machine = await HeadlessMachine.start()
    console.log(`${(await keystrokeCost(machine)).toFixed(3)} M instructions a key`)
    await machine.close()
  })
}
