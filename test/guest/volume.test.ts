/** Volumes in the guest: data outlives containers, copy-up, anonymous volumes, access modes, tmpfs. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { HeadlessMachine } from '../../scripts/lib/machine/headless-machine.ts'

let machine: HeadlessMachine

beforeAll(async () => {
  machine = await HeadlessMachine.start()
})

afterAll(() => machine.close())

const guest = (command: string): Promise<string> => machine.output(command)

test('a named volume keeps its data from one container to the next', async () => {
  await guest(`docker run --rm -v data:/data busybox sh -c 'echo kept > /data/file'`)
  expect(await guest('docker run --rm -v data:/other:ro busybox cat /other/file')).toBe('kept')
  expect(await guest('cat /var/lib/docker/volumes/data/_data/file')).toBe('kept')
  await guest('docker volume rm data')
  expect((await machine.exec('test -e /var/lib/docker/volumes/data')).code).toBe(1)
})

test('a new volume is filled from the image, owners and modes included', async () => {
  // A folder's size depends on the file system it is on.
  const list = 'find /etc -exec stat -c "%n %a %u %g %F %s" {} + | sed "s/directory .*/directory/" | sort'
  const ofImage = await guest(
    `docker run --rm --network none busybox sh -c '${list}' | grep -v -E "/etc( |/(hosts|hostname|resolv.conf) )"`,
  )
  const ofVolume = await guest(
    `docker run --rm --network none -v conf:/etc busybox sh -c '${list}' | grep -v -E "/etc( |/(hosts|hostname|resolv.conf) )"`,
  )
  expect(ofVolume).toBe(ofImage)
  await guest('docker volume rm conf')
})

test('an anonymous volume goes with --rm and stays without', async () => {
  const count = () => guest('docker volume ls -q | wc -l')
  expect(await count()).toBe('0')
  await guest('docker run --rm -v /scratch busybox touch /scratch/x')
  expect(await count()).toBe('0')
  await guest('docker run --name keeper -v /scratch busybox touch /scratch/x && docker rm keeper')
  expect(await count()).toBe('1')
  await guest('docker volume prune -f')
  expect(await count()).toBe('0')
})

test('a volume in use is not removed, and its user is named', async () => {
  const id = await guest('docker create --name user -v busy:/x busybox true')
  const refused = await machine.exec('docker volume rm busy')
  expect(refused).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`remove busy: volume is in use - [${id}]`),
  })
  await guest('docker rm user && docker volume rm busy')
})

test('a read-only mount refuses writes, a bind shows what the guest has', async () => {
  await guest('mkdir -p /tmp/shared && echo outside > /tmp/shared/file')
  const bound = '-v /tmp/shared:/in:ro busybox'
  expect(await guest(`docker run --rm ${bound} cat /in/file`)).toBe('outside')
  const write = await machine.exec(`docker run --rm ${bound} touch /in/new`)
  expect(write).toMatchObject({ code: 1, stderr: expect.stringContaining('Read-only file system') })
  const missing = await machine.exec('docker run --rm --mount type=bind,source=/none,target=/x busybox true')
  expect(missing.code).toBe(125)
  expect(missing.stderr).toContain(
    'invalid mount config for type "bind": bind source path does not exist: /none',
  )
})

test('a tmpfs has its size and flags, and a volume of type tmpfs its own', async () => {
  const mounted = (options: string) => guest(`docker run --rm ${options} busybox grep " /t " /proc/mounts`)
  expect(await mounted('--tmpfs /t:size=1m,mode=700')).toMatch(
    /^tmpfs \/t tmpfs rw,nosuid,nodev,noexec,.*size=1024k.*mode=700/,
  )
  await guest('docker volume create --opt type=tmpfs --opt device=tmpfs --opt o=size=2m fast')
  expect(await mounted('-v fast:/t')).toContain('size=2048k')
  expect(await guest('grep -c /volumes/fast/ /proc/mounts || true')).toBe('0')
  await guest('docker volume rm fast')
})

test('containers share volumes with --volumes-from', async () => {
  await guest(`docker run --name giver -v /shared busybox sh -c 'echo given > /shared/f'`)
  expect(await guest('docker run --rm --volumes-from giver:ro busybox cat /shared/f')).toBe('given')
  await guest('docker rm -v giver')
  expect(await guest('docker volume ls -q')).toBe('')
})

test('a part of a volume is mounted, and nothing outside the volume', async () => {
  await guest(
    `docker run --rm -v parts:/v busybox sh -c 'mkdir -p /v/a/b && echo in > /v/a/b/f && ln -s /etc /v/out && ln -s a/b /v/in'`,
  )
  const run = (subpath: string, command: string) =>
    machine.exec(
      `docker run --rm --mount type=volume,source=parts,target=/x,volume-subpath=${subpath} busybox ${command}`,
    )
  expect(await run('a/b', 'cat /x/f')).toMatchObject({ code: 0, stdout: 'in\n' })
  expect(await run('in', 'cat /x/f')).toMatchObject({ code: 0, stdout: 'in\n' })
  expect(await run('in/f', 'cat /x')).toMatchObject({ code: 0, stdout: 'in\n' })
  const data = '/var/lib/docker/volumes/parts/_data'
  const refusals = [
    ['out', `path concatenation escapes the base directory, base: ${data}, subpath: out`],
    ['none', `cannot access path ${data}/none: lstat ${data}/none: no such file or directory`],
    ['../parts', 'subpath must be a relative path within the volume'],
  ] as const
  for (const [subpath, why] of refusals)
    expect(await run(subpath, 'true'), subpath).toMatchObject({
      code: subpath === 'none' ? 127 : 125,
      stderr: expect.stringContaining(why) as string,
    })
  await guest('docker volume rm parts')
})

test('an image is mounted read-only, stays while a container has it, and goes after', async () => {
  await guest(
    `printf 'FROM busybox\nRUN mkdir /only && echo mounted > /only/file && ln -s /etc/passwd /only/out\n' | docker build -q -t mounted -`,
  )
  const mount = '--mount type=image,source=mounted,target=/image'
  expect(await guest(`docker run --rm ${mount} busybox cat /image/only/file`)).toBe('mounted')
  expect(await guest(`docker run --rm ${mount},image-subpath=only/file busybox cat /image`)).toBe('mounted')
  const written = await machine.exec(`docker run --rm ${mount} busybox touch /image/only/new`)
  expect(written).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Read-only file system') as string,
  })
  const out = await machine.exec(`docker run --rm ${mount},image-subpath=only/out busybox true`)
  expect(out).toMatchObject({
    code: 125,
    stderr: expect.stringContaining('escapes the base directory') as string,
  })
  await guest(`docker run -d --name user ${mount} busybox sleep 1000`)
  expect(await guest('docker cp user:/image/only/file - | tar xO')).toBe('mounted')
  const used = await machine.exec('docker rmi mounted')
  expect(used).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('is using its referenced image') as string,
  })
  await guest('docker stop -t 0 user && docker rmi -f mounted && docker start user')
  expect(await guest('docker exec user cat /image/only/file')).toBe('mounted')
  await guest('docker rm -f user')
  expect(await guest('grep -c /images/ /proc/self/mountinfo || true')).toBe('0')
})
