import { expect, it } from 'vitest'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { Uploads } from './uploads-directory.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

it('gives its reader what is written, piece by piece', async () => {
  const uploads = new Uploads()
  const upload = uploads.begin()
  const sink = uploads.lookup(upload.name)!.openSink!()!
  const buffer = bytes('one')
  const first = sink.write(0, buffer)
  buffer.fill(0)
  let taken = false
  void first.then(() => (taken = true))
  const reader = upload[Symbol.asyncIterator]()
  expect((await reader.next()).value).toEqual(bytes('one'))
  expect(taken).toBe(false)
  const next = reader.next()
  await first
  await Promise.all([
    sink.write(3, bytes('two')),
    next.then(({ value }) => {
      expect(value).toEqual(bytes('two'))
      const end = reader.next()
      upload.finish()
      return end
    }),
  ])
  expect(await reader.next()).toEqual({ done: true, value: undefined })
})

it('refuses bytes out of turn, and those of an upload that is over', async () => {
  const uploads = new Uploads()
  const upload = uploads.begin()
  const sink = uploads.lookup(upload.name)!.openSink!()!
  await expect(sink.write(1, bytes('x'))).rejects.toThrow('written at 1, not at 0')
  upload.finish()
  await expect(sink.write(0, bytes('x'))).rejects.toThrow('has ended')
  expect(uploads.lookup(upload.name)!.openSink!()).toBeUndefined()
})

it('fails its reader when the rest does not come', async () => {
  const upload = new Uploads().begin()
  const reading = upload[Symbol.asyncIterator]().next()
  upload.fail(new EngineError('unavailable', 'the engine went away'))
  await expect(reading).rejects.toThrow('the engine went away')
})

it('drops what its reader does not want, and lets the writer go on', async () => {
  const uploads = new Uploads()
  const upload = uploads.begin()
  const sink = uploads.lookup(upload.name)!.openSink!()!
  const first = sink.write(0, bytes('one'))
  for await (const _ of upload) break
  await first
  await sink.write(3, bytes('two'))
  upload.finish()
})

it('lets a writer go that waits for a reader who never comes', async () => {
  const uploads = new Uploads()
  const upload = uploads.begin()
  const sink = uploads.lookup(upload.name)!.openSink!()!
  const first = sink.write(0, bytes('one'))
  upload.leave()
  await first
  await sink.write(3, bytes('two'))
  expect(uploads.begin().name).not.toBe(upload.name)
  upload.finish()
  expect(uploads.begin().name).toBe(upload.name)
})

it('uses a file again once its upload is over, for none of its old writers', async () => {
  const uploads = new Uploads()
  const [first, second] = [uploads.begin(), uploads.begin()]
  expect(second.name).not.toBe(first.name)
  const old = uploads.lookup(first.name)!.openSink!()!
  first.fail(new EngineError('unavailable', 'given up'))
  const third = uploads.begin()
  expect(third.name).toBe(first.name)
  await expect(old.write(0, bytes('x'))).rejects.toThrow('has ended')
  expect(uploads.list().map(({ name }) => name)).toEqual([first.name, second.name])
})
