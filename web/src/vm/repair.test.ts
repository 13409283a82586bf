import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { REPAIR_RECORD_SIZE, Repairer, encodeRepair, parseRepairLine } from './repair.ts'

/** The guest's end of the port, which behaves as `launcher repair` does. */
function fakePort() {
  const sent: Uint8Array[] = []
  let listener: (chunk: Uint8Array) => void = () => undefined
  return {
    sent,
    say: (text: string) => listener(Buffer.from(text)),
    number: () => Buffer.from(sent.at(-1)!).readUInt32LE(8),
    transport: {
      send: (bytes: Uint8Array) => sent.push(bytes) > 0,
      onData: (wanted: (chunk: Uint8Array) => void) => void (listener = wanted),
    },
  }
}

describe('a repair', () => {
  it('is the record that guest/native/launcher/repair.c reads', () => {
    const entropy = Uint8Array.from({ length: 64 }, (_value, index) => index)
    const mac = Uint8Array.of(2, 1, 2, 3, 4, 5)
    const bytes = Buffer.from(encodeRepair({ number: 0xdeadbeef, time: 1_767_225_600_123, entropy, mac }))
    expect(bytes.length).toBe(REPAIR_RECORD_SIZE)
    expect(bytes.toString('latin1', 0, 8)).toBe('PORTHOLE')
    expect(bytes.readUInt32LE(8)).toBe(0xdeadbeef)
    expect(bytes.readBigInt64LE(12)).toBe(1_767_225_600_123n)
    expect([...bytes.subarray(20, 84)]).toEqual([...entropy])
    expect([...bytes.subarray(84, 90)]).toEqual([...mac])
    expect(bytes.readUInt32LE(90)).toBe(crc32(bytes.subarray(0, 90)))
  })

  it('never repeats its entropy, and its MAC is a local one', () => {
    const port = fakePort()
    const repairer = new Repairer(port.transport)
    repairer.repair()
    repairer.repair()
    const [first, second] = port.sent.map((bytes) => Buffer.from(bytes))
    expect(first!.subarray(20, 84).equals(second!.subarray(20, 84))).toBe(false)
    expect(first![84]! & 0x03).toBe(0x02)
  })

  it('is done when the guest says so, after whatever was left of its line from before the restore', async () => {
    const port = fakePort()
    const repairer = new Repairer(port.transport)
    repairer.repair()
    port.say(`red 7\nrepaired ${port.number() ^ 1}\nrepai`)
    port.say(`red ${port.number()}\r\n`)
    await repairer.done
  })

  it('is sent to a guest that has just started to listen', async () => {
    const port = fakePort()
    const repairer = new Repairer(port.transport)
    expect(port.sent).toHaveLength(0)
    port.say('ready\n')
    expect(port.sent).toHaveLength(1)
    port.say(`repaired ${port.number()}\n`)
    await repairer.done
  })

  it('fails with the step and its errno', async () => {
    const port = fakePort()
    const repairer = new Repairer(port.transport)
    repairer.repair()
    port.say(`failed ${port.number()} clock 1\n`)
    await expect(repairer.done).rejects.toMatchObject({
      code: 'internal',
      details: { step: 'clock', errno: 1 },
    })
  })

  it('does not take other lines for answers', () => {
    for (const line of ['', 'repaired', 'repaired x', 'failed 1 clock', 'readyish'])
      expect(parseRepairLine(line)).toBeNull()
  })
})
