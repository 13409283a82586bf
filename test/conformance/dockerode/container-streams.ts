import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import type Docker from 'dockerode'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { tarNames, tarText } from '../../support/tar-contents.ts'
import { IDLE, refusal, type DockerBench } from '../../support/docker-bench.ts'
import { makeTar } from '../../support/make-tar.ts'

export function describeContainerStreams(bench: DockerBench): void {
  describeAttaching(bench)
  describeReadingFiles(bench)
  describeWritingFiles(bench)
}

function describeAttaching(bench: DockerBench): void {
  const EVERYTHING = { stream: true, stdin: true, stdout: true, stderr: true, hijack: true }
  const cat = (options: Docker.ContainerCreateOptions = {}) =>
    bench.create({ Cmd: ['cat'], OpenStdin: true, StdinOnce: true, ...options })

  describe('an attached client', () => {
    test('is the standard input and output of the container', async () => {
      const container = await cat()
      const stream = await container.attach(EVERYTHING)
      await container.start()
      stream.end('typed\n')
      expect((await bench.demux(stream)).stdout).toBe('typed\n')
      expect(await container.wait()).toEqual({ StatusCode: 0 })
    })

    test('hears both outputs, apart', async () => {
      const container = await bench.create({ Cmd: ['sh', '-c', 'echo out; echo err >&2'] })
      const stream = await container.attach({ stream: true, stdout: true, stderr: true })
      await container.start()
      expect(await bench.demux(stream)).toEqual({ stdout: 'out\n', stderr: 'err\n' })
    })

    test('hears one output, when it wants no more', async () => {
      const container = await bench.create({ Cmd: ['sh', '-c', 'echo out; echo err >&2'] })
      const stream = await container.attach({ stream: true, stderr: true })
      await container.start()
      expect(await bench.demux(stream)).toEqual({ stdout: '', stderr: 'err\n' })
    })

    test('may come through a WebSocket, which has no frames for the outputs', async () => {
      const command = ['sh', '-c', 'read line; echo "<$line>"; echo err >&2']
      const container = await bench.create({ Cmd: command, OpenStdin: true })
      const path = `/v1.51/containers/${container.id}/attach/ws?stream=1&stdin=1&stdout=1&stderr=1`
      const client = new WebSocket(`ws+unix://${bench.socketPath}:${path}`)
      let said = ''
      client.on('message', (data: Buffer) => (said += data.toString()))
      await once(client, 'open')
      await container.start()
      const closed = once(client, 'close')
      client.send('word\n')
      await closed
      expect(said.split('\n').sort()).toEqual(['', '<word>', 'err'])
    })

    test('gets what was said before, when it asks for logs', async () => {
      const container = await bench.ended('echo before')
      const stream = await container.attach({ logs: true, stdout: true, stderr: true })
      expect((await bench.demux(stream)).stdout).toBe('before\n')
    })

    test('has a terminal, raw, when the container has one', async () => {
      const container = await bench.create({
        Cmd: ['sh', '-c', 'tty; read line; echo "<$line>"'],
        Tty: true,
        OpenStdin: true,
      })
      const stream = await container.attach(EVERYTHING)
      await container.start()
      // Typed once the command reads: what is typed before it is echoed first.
      stream.once('data', () => stream.write('word\n'))
      expect(await text(stream)).toBe('/dev/pts/0\r\nword\r\n<word>\r\n')
    })

    test('sets the size of the terminal', async () => {
      const container = await bench.create({
        Cmd: ['sh', '-c', 'read line; stty size'],
        Tty: true,
        OpenStdin: true,
      })
      const stream = await container.attach(EVERYTHING)
      await container.start()
      await container.resize({ h: 20, w: 90 })
      stream.write('\n')
      expect(await text(stream)).toBe('\r\n20 90\r\n')
    })

    test('leaves with the keys for it, and the container goes on', async () => {
      const container = await bench.create({ Cmd: ['cat'], Tty: true, OpenStdin: true })
      const stream = await container.attach({ ...EVERYTHING, detachKeys: 'ctrl-a,x' })
      await container.start()
      stream.write('\u0001x')
      await text(stream)
      expect((await container.inspect()).State.Running).toBe(true)
    })

    test('is refused for keys that are none', async () => {
      const container = await cat()
      const [status, sentence] = await refusal(container.attach({ ...EVERYTHING, detachKeys: 'nope' }))
      expect([status, sentence]).toEqual([400, 'Invalid detach keys (nope) provided'])
    })

    test('is refused by a container that is paused', async () => {
      const container = await bench.start()
      await container.pause()
      expect(await refusal(container.attach({ stream: true, stdout: true }))).toEqual([
        409,
        `container ${container.id} is paused, unpause the container before attach`,
      ])
    })

    test('can be two', async () => {
      const container = await cat()
      const [writer, reader] = [
        await container.attach(EVERYTHING),
        await container.attach({ stream: true, stdout: true, hijack: true }),
      ]
      await container.start()
      writer.end('both\n')
      const heard = await Promise.all([bench.demux(writer), bench.demux(reader)])
      expect(heard.map(({ stdout }) => stdout)).toEqual(['both\n', 'both\n'])
    })

    test('sends many bytes, and gets them back', async () => {
      const container = await bench.create({ Cmd: ['md5sum'], OpenStdin: true, StdinOnce: true })
      const stream = await container.attach(EVERYTHING)
      await container.start()
      stream.end(Buffer.alloc(1 << 20))
      expect((await bench.demux(stream)).stdout).toBe('b6d81b360a5672d80c27430f39153e2c  -\n')
    })
  })
}

function describeReadingFiles(bench: DockerBench): void {
  describe('an archive of a path', () => {
    test('is a tar of a file', async () => {
      const container = await bench.ended('echo content > /file')
      expect(await tarText(await container.getArchive({ path: '/file' }), 'file')).toBe('content\n')
    })

    test('is a tar of a directory, named by it', async () => {
      const container = await bench.ended('mkdir -p /dir/sub; echo a > /dir/sub/a; ln -s a /dir/link')
      const names = await tarNames(await container.getArchive({ path: '/dir' }))
      expect(names.sort()).toEqual(['dir/', 'dir/link', 'dir/sub/', 'dir/sub/a'])
    })

    test('is had of a running container, with what it has mounted', async () => {
      const volume = await bench.volume()
      const container = await bench.start({
        Cmd: ['sh', '-c', 'echo kept > /data/file; echo up; sleep 1000000'],
        HostConfig: { Binds: [`${volume.name}:/data`] },
      })
      await bench.awaitLog(container, 'up')
      expect(await tarText(await container.getArchive({ path: '/data/file' }), 'file')).toBe('kept\n')
    })

    test('is told of beforehand', async () => {
      const container = await bench.ended('echo content > /file; chmod 640 /file; ln -s file /link')
      const stat = async (path: string) => {
        const { headers } = (await container.infoArchive({ path })) as { headers: Record<string, string> }
        return JSON.parse(
          Buffer.from(headers['x-docker-container-path-stat']!, 'base64').toString(),
        ) as object
      }
      expect(await stat('/file')).toMatchObject({ name: 'file', size: 8, mode: 0o640, linkTarget: '' })
      expect(await stat('/link')).toMatchObject({ name: 'link', linkTarget: '/file' })
    })

    test('of a path that is not there is refused', async () => {
      const container = await bench.create()
      expect(await refusal(container.getArchive({ path: '/nope' }))).toEqual([
        404,
        `Could not find the file /nope in container ${container.id}`,
      ])
    })

    test('of no path is refused', async () => {
      const container = await bench.create()
      // httputils/form.go joins the words without a blank.
      expect(await refusal(container.getArchive({ path: '' }))).toEqual([
        400,
        'bad parameter: pathcannot be empty',
      ])
    })

    test('follows no link out of the container', async () => {
      const container = await bench.ended('ln -s ../../../../etc/hostname /out')
      expect(await tarNames(await container.getArchive({ path: '/out' }))).toEqual(['out'])
    })

    test('of the whole is an export', async () => {
      const container = await bench.ended('echo mine > /mine; rm /bin/tac')
      const names = await tarNames(await container.export())
      expect(names).toContain('mine')
      expect(names).toContain('etc/passwd')
      expect(names).not.toContain('bin/tac')
    })
  })
}

function describeWritingFiles(bench: DockerBench): void {
  const archive = Buffer.from(
    makeTar([
      { name: 'dir/', type: '5', mode: 0o750 },
      { name: 'dir/file', content: 'put\n', uid: 7, gid: 8, mode: 0o600 },
    ]),
  )

  describe('an archive put into a container', () => {
    test('is unpacked, before it has started', async () => {
      const container = await bench.create({
        Cmd: ['sh', '-c', 'cat /tmp/dir/file; stat -c "%a %u:%g" /tmp/dir /tmp/dir/file'],
      })
      await container.putArchive(archive, { path: '/tmp' })
      const gone = container.wait()
      await container.start()
      await gone
      expect((await bench.logs(container)).stdout).toMatch(/^put\n750 0:0\n600 7:8\n$/)
    })

    test('is unpacked into one that runs, and into its volumes', async () => {
      const container = await bench.start({ Volumes: { '/data': {} } })
      await container.putArchive(archive, { path: '/data' })
      expect((await bench.exec(container, 'cat /data/dir/file')).stdout).toBe('put\n')
    })

    // daemon/archive_tarcopyoptions_unix.go: not the archive's owners, but the user that the container runs as.
    test('is the container’s user’s with copyUIDGID', async () => {
      const container = await bench.start({ Cmd: IDLE, User: 'www-data' })
      await container.putArchive(archive, { path: '/tmp', copyUIDGID: 'true' })
      expect((await bench.exec(container, 'stat -c %u:%g /tmp/dir/file')).stdout).toBe('33:33\n')
    })

    test('needs a directory that is there', async () => {
      const container = await bench.create()
      expect(await refusal(container.putArchive(archive, { path: '/nope' }))).toEqual([
        404,
        `Could not find the file /nope in container ${container.id}`,
      ])
      expect(await refusal(container.putArchive(archive, { path: '/etc/passwd' }))).toEqual([
        400,
        'extraction point is not a directory',
      ])
    })

    test('does not turn a directory into a file when it is told not to', async () => {
      const container = await bench.create()
      const tar = Buffer.from(makeTar([{ name: 'etc', content: 'no\n' }]))
      const [status, sentence] = await refusal(
        container.putArchive(tar, { path: '/', noOverwriteDirNonDir: 'true' }),
      )
      expect([status, sentence]).toEqual([500, 'cannot overwrite directory "/etc" with non-directory "/"'])
    })

    test('is refused by a read-only root', async () => {
      const container = await bench.create({ HostConfig: { ReadonlyRootfs: true } })
      expect(await refusal(container.putArchive(archive, { path: '/tmp' }))).toEqual([
        400,
        'container rootfs is marked read-only',
      ])
    })
  })
}
