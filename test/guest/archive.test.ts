/**
 * Archives in the guest: files into containers and out of them, containers to images and back. Attackers are containers that
 * lay links; oracles are GNU tar, skopeo and umoci on this machine.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EngineRequest } from '../../guest/protocol/api/engine-transport.ts'
import { HeadlessMachine } from '../../scripts/lib/machine/headless-machine.ts'
import { ensureTools } from '../../scripts/lib/debian/host-tools.ts'
import { run } from '../../scripts/lib/run.ts'
import { describeDirectory, differences } from '../support/describe-directory.ts'
import { makeTar } from '../support/make-tar.ts'

let machine: HeadlessMachine
let scratch: string

beforeAll(async () => {
  await ensureTools('skopeo', 'umoci', 'tar', 'getfattr')
  scratch = await mkdtemp(join(tmpdir(), 'archive-guest-'))
  machine = await HeadlessMachine.start()
})

afterAll(async () => {
  await machine.close()
  await rm(scratch, { recursive: true, force: true })
})

const guest = (command: string): Promise<string> => machine.output(command)

/** What a refused command says. */
async function refusal(command: string): Promise<string> {
  const { code, stdout, stderr } = await machine.exec(command)
  expect(code, stdout).toBe(1)
  return stderr.trim()
}

async function call(
  request: EngineRequest,
): Promise<{ status: number; headers: Record<string, string>; body: Buffer }> {
  const { status, headers, body } = await machine.transport.request(request)
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return { status, headers, body: Buffer.concat(chunks) }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

const tarBody = (bytes: AsyncIterable<Uint8Array>) => ({ bytes, contentType: 'application/x-tar' })

/** What every container's root has beside the image's files, so that an export has it and a commit has not. */
const INIT_LAYER = [
  '.dockerenv',
  'dev/console',
  'dev/pts',
  'dev/shm',
  'etc/hostname',
  'etc/hosts',
  'etc/mtab',
].concat('etc/resolv.conf')

describe('docker cp', () => {
  test('copies a file and a directory in and out, of a running and of a stopped container', async () => {
    await guest('docker run -d --name files busybox sleep 1000')
    await guest(
      'mkdir -p /root/in/sub && echo one > /root/in/one && echo two > /root/in/sub/two && chmod 640 /root/in/one',
    )
    for (const state of ['running', 'stopped']) {
      await guest(`docker cp /root/in files:/${state} && docker cp /root/in/one files:/tmp/${state}-file`)
      await guest(`rm -rf /root/out && docker cp files:/${state} /root/out && diff -r /root/in /root/out`)
      expect(await guest(`docker cp files:/tmp/${state}-file - | tar -tv | cut -c1-10`)).toBe('-rw-r-----')
      if (state === 'running') await guest('docker stop -t 0 files')
    }
    await guest('docker start files')
    expect(await guest('docker exec files cat /running/sub/two /stopped/one')).toBe('two\none')
    await guest('docker rm -f files')
  })

  test('names the copy as Docker does: into a directory, as a new name, the content alone, through a link', async () => {
    await guest('docker create --name names busybox true')
    await guest(
      'rm -rf /root/n && mkdir -p /root/n/d && echo x > /root/n/d/f && ln -s d /root/n/l && cd /root/n',
    )
    await guest(
      'cd /root/n && docker cp d names:/tmp && docker cp d names:/tmp/new && docker cp d/. names:/opt',
    )
    await guest('cd /root/n && docker cp -L l names:/srv; docker cp l names:/link')
    const list = await guest('docker export names | tar -t | grep -E "^(tmp/|opt|srv|link)" | sort')
    expect(list.split('\n')).toEqual(
      ['link', 'opt/', 'opt/f', 'srv/', 'srv/f', 'tmp/', 'tmp/d/', 'tmp/d/f', 'tmp/new/', 'tmp/new/f'].sort(),
    )
    await guest(
      'rm -rf /root/o && mkdir -p /root/o/there && cd /root/o && docker cp names:/tmp/d there && docker cp names:/tmp/d fresh',
    )
    await guest('cd /root/o && docker cp names:/tmp/d/f renamed && docker cp names:/tmp/d/. there')
    expect(await guest('cd /root/o && find . -type f | sort')).toBe(
      './fresh/f\n./renamed\n./there/d/f\n./there/f',
    )
    await guest('docker rm names')
  })

  test('refuses what Docker refuses, with its sentences', async () => {
    await guest(
      'docker create --name no --read-only -v ro:/ro:ro busybox true; mkdir -p /root/dir; echo x > /root/file',
    )
    expect(await refusal('docker cp no:/nope /root')).toBe(
      'Error response from daemon: Could not find the file /nope in container no',
    )
    expect(await refusal('docker cp /root/file no:/tmp')).toBe(
      'Error response from daemon: container rootfs is marked read-only',
    )
    expect(await refusal('docker cp /root/file no:/ro')).toBe(
      'Error response from daemon: mounted volume is marked read-only',
    )
    expect(await refusal('docker cp no:/etc/passwd /root/nowhere/file')).toBe(
      'invalid output path: directory "/root/nowhere" does not exist',
    )
    expect(await refusal('docker cp /root/dir no:/etc/passwd')).toBe('cannot copy directory')
    expect(await refusal('docker cp /root/file no:/new/')).toBe('no such directory')
    expect(await refusal('docker cp /root/gone no:/tmp')).toBe('lstat /root/gone: no such file or directory')
    expect(await refusal('docker cp no:/a no:/b')).toBe('copying between containers is not supported')
    expect(await refusal('docker cp a b')).toBe('must specify at least one container source')
    expect(await refusal('docker cp /root/file gone:/tmp')).toBe(
      'Error response from daemon: No such container: gone',
    )
    await guest('docker rm -v no; docker volume rm -f ro')
  })

  test('reaches volumes and bind mounts, and gives a copy to the user of the container with -a', async () => {
    await guest(
      'mkdir -p /root/bound && docker create --name vol --user 33:34 -v data:/data -v /root/bound:/bound busybox true',
    )
    await guest('echo v > /root/v && docker cp -a /root/v vol:/data/ && docker cp /root/v vol:/bound/b')
    expect(await guest('stat -c "%u:%g" /var/lib/docker/volumes/data/_data/v /root/bound/b')).toBe(
      '33:34\n0:0',
    )
    expect(await guest('docker cp vol:/data/v - | tar -xO')).toBe('v')
    await guest('docker rm vol && docker volume rm data')
  })

  test('takes an archive from stdin and gives one to stdout', async () => {
    await guest('docker create --name pipe busybox true && mkdir -p /root/p && echo s > /root/p/streamed')
    await guest('tar -cC /root/p . | gzip | docker cp - pipe:/tmp')
    expect(await guest('docker cp pipe:/tmp/streamed - | tar -xO')).toBe('s')
    expect(await refusal('tar -cC /root/p . | docker cp - pipe:/etc/passwd')).toBe(
      'destination "pipe:/etc/passwd" must be a directory',
    )
    await guest('docker rm pipe')
  })

  test('gives the same archive to a file, to a pipe and over HTTP', async () => {
    await guest('docker create --name same busybox true && head -c 3000000 /dev/urandom > /root/random')
    await guest('docker cp /root/random same:/random')
    for (const [command, path] of [
      ['docker export same', '/containers/same/export'],
      ['docker save busybox', '/images/busybox/get'],
    ] as const) {
      await guest(
        `${command} -o /root/to-file && ${command} >/root/to-stdout && ${command} | cat >/root/to-pipe`,
      )
      await guest('cd /root && cmp to-file to-stdout && cmp to-file to-pipe')
      const { body } = await call({ method: 'GET', path })
      const sum = (await guest('sha256sum /root/to-file')).split(' ')[0]
      expect(createHash('sha256').update(body).digest('hex')).toBe(sum)
    }
    await guest('docker rm same; rm /root/to-* /root/random')
  })

  test('lets everything go when an archive’s reader leaves', async () => {
    await guest('docker create --name left busybox true')
    for (const command of ['docker export left', 'docker save busybox', 'docker cp left:/ -'])
      await guest(`${command} | head -c 1000 >/dev/null`)
    // A stopped container's files belong to who reads them.
    await guest('docker start left && docker wait left && docker rm left')
    const left = () => guest('ls /run/porthole | grep ^pipe-; pgrep host-plan; true')
    await expect.poll(left, { timeout: 20_000 }).toBe('')
  })
})

describe('a hostile container', () => {
  /** CVE-2018-15664: links of the container's that point at the guest's files. */
  test('gives the guest’s files to nobody and changes none of them by its links', async () => {
    await guest('echo secret > /root/secret && mkdir -p /root/guests && rm -f /root/guests/*')
    const lay =
      'ln -s /root/secret /file; ln -s /root/guests /dir; ln -s ../../../../root/guests /up; ln -s /proc/1/root /root-of-1; sleep 1000'
    await guest(
      `docker run -d --name evil busybox sh -c '${lay}' && docker exec evil sh -c 'until test -L /root-of-1; do :; done'`,
    )
    for (const state of ['running', 'stopped']) {
      expect(await refusal('docker cp -L evil:/file /root/stolen')).toContain('Could not find the file')
      expect(await refusal('docker cp evil:/dir/ /root/stolen')).toContain('Could not find the file')
      expect(await refusal('docker cp evil:/root-of-1/root/secret /root/stolen')).toContain(
        'Error response from daemon',
      )
      await machine.exec(
        'echo planted > /root/planted; for t in /dir/ /up/ /dir/planted /root-of-1/root/guests/; do docker cp /root/planted evil:$t; done',
      )
      expect(await guest('ls -A /root/guests; cat /root/secret')).toBe('secret')
      if (state === 'running') await guest('docker stop -t 0 evil')
    }
    await guest('docker rm -f evil')
  })

  /** A race of links: every name is looked up below the root at the moment of its use. */
  test('cannot swap a directory for a link while files are copied into it', async () => {
    await guest('mkdir -p /root/target && rm -f /root/target/*')
    const swap =
      'mkdir -p /a/d; ln -s /root/target /a/l; while :; do mv /a/d /a/x; mv /a/l /a/d; mv /a/d /a/l; mv /a/x /a/d; done'
    await guest(`docker run -d --name racer busybox sh -c '${swap}'`)
    await machine.exec(
      'echo raced > /root/raced; for i in 1 2 3 4 5 6 7 8 9 10; do docker cp /root/raced racer:/a/d/; done',
    )
    expect(await guest('ls -A /root/target')).toBe('')
    await guest('docker rm -f racer')
  })

  test('is sent no archive that writes outside the directory', async () => {
    await guest('docker create --name put busybox true')
    const put = (parts: Parameters<typeof makeTar>[0]) =>
      call({
        method: 'PUT',
        path: '/containers/put/archive',
        query: { path: '/tmp' },
        body: tarBody(once(makeTar(parts))),
      })
    const climbing = await put([{ name: '../../../root/evil', content: 'x' }])
    expect([climbing.status, climbing.body.toString()]).toEqual([
      500,
      expect.stringContaining('is outside of'),
    ])
    const linked = await put([
      { name: 'l', type: '2', link: '/root' },
      { name: 'l/evil', content: 'x' },
    ])
    expect(linked.status).toBe(200)
    expect(await guest('docker cp put:/root/evil - | tar -xO; ls /root/evil 2>&1 || true')).toContain(
      'No such file',
    )
    const hard = await put([{ name: 'h', type: '1', link: '../../../root/secret' }])
    expect(hard.status).toBe(500)
    await guest('docker rm put')
  })
})

const KIND = ['bin', 'dev', 'etc', 'proc', 'sys']

describe('images of containers', () => {
  test('a committed container is what it was: run here, unpacked by umoci, exported', async () => {
    const change =
      'rm -r /usr/share /etc/profile 2>/dev/null; rm /etc/shadow; mkdir -p /data/deep; echo new > /data/deep/file; ' +
      'ln /data/deep/file /data/hard; ln -s deep /data/link; mkfifo /data/fifo; mknod /data/null c 1 3; chown 33:44 /data/deep; ' +
      'chmod 4711 /data/deep/file; rm -r /home; mkdir /home; touch -d @981173106 /home/kept'
    await guest(`docker run --name changed busybox sh -c '${change}'`)
    const id = await guest(
      `docker commit -a Ann -m why -c 'CMD ["cat", "/data/deep/file"]' -c 'ENV X=y' changed made:v1`,
    )
    expect(await guest('docker run --rm made:v1')).toBe('new')
    expect(
      await guest('docker run --rm made:v1 sh -c "ls /etc/shadow /usr/share 2>/dev/null; ls /home; echo $X"'),
    ).toContain('kept')
    expect(
      await guest('docker inspect -f "{{.Id}} {{.Author}} {{.Comment}} {{.Config.Env}}" made:v1'),
    ).toMatch(new RegExp(`^${id} Ann why .*X=y`))
    const saved = await call({ method: 'GET', path: '/images/made:v1/get' })
    await writeFile(join(scratch, 'made.tar'), saved.body)
    await run('skopeo', [
      '--override-arch',
      '386',
      'copy',
      `docker-archive:${scratch}/made.tar:made:v1`,
      `oci:${scratch}/oci:it`,
    ])
    await run('umoci', ['unpack', '--image', `${scratch}/oci:it`, `${scratch}/bundle`])
    await guest('docker create --name fresh made:v1')
    const exported = await call({ method: 'GET', path: '/containers/fresh/export' })
    await writeFile(join(scratch, 'fresh.tar'), exported.body)
    await mkdir(join(scratch, 'fresh'))
    await run('tar', ['-xpf', `${scratch}/fresh.tar`, '-C', `${scratch}/fresh`, '--numeric-owner'])
    const [unpacked, own] = await Promise.all(
      ['bundle/rootfs', 'fresh'].map((tree) => describeDirectory(join(scratch, tree))),
    )
    // The root itself and what the engine mounts on have times of their own.
    for (const tree of [unpacked!, own!]) for (const name of ['.', ...KIND]) tree.delete(name)
    for (const name of INIT_LAYER) expect(own!.delete(name), name).toBe(true)
    expect(differences(own!, unpacked!)).toEqual([])
    expect([...own!.keys()]).not.toContain('etc/shadow')
    await guest('docker rm changed fresh')
  })

  test.each(['bzip2', 'xz'] as const)('what %s has compressed is imported and loaded', async (how) => {
    await ensureTools(how)
    const tar = makeTar([{ name: 'etc/name', content: how }])
    const post = (path: string, bytes: Uint8Array, query: Record<string, string>) =>
      call({ method: 'POST', path, query, body: tarBody(once(execFileSync(how, ['-c'], { input: bytes }))) })
    await post('/images/create', tar, { fromSrc: '-', repo: `by-${how}` })
    await guest(`docker create --name ${how} by-${how} none`)
    expect(await guest(`docker cp ${how}:/etc/name - | tar -xO`)).toBe(how)
    const saved = await call({ method: 'GET', path: `/images/by-${how}/get` })
    await guest(`docker rm ${how} && docker rmi by-${how}`)
    const loaded = await post('/images/load', saved.body, { quiet: '1' })
    expect(loaded.body.toString()).toContain(`Loaded image: by-${how}:latest`)
    await guest(`docker rmi by-${how}`)
  })

  test('a saved image loads with its id and digest after it was removed', async () => {
    const about = 'docker inspect -f "{{.Id}} {{.RepoDigests}}" made:v1'
    const before = await guest(about)
    await guest('docker save -o /root/saved.tar made:v1 busybox && docker rmi made:v1')
    expect(await guest('docker load -i /root/saved.tar')).toBe(
      'Loaded image: made:v1\nLoaded image: busybox:latest',
    )
    expect(await guest(about)).toBe(before)
    expect(await guest('docker run --rm made:v1')).toBe('new')
    await guest('docker rmi made:v1 && rm /root/saved.tar')
  })

  test('an exported container imports as an image of one layer', async () => {
    await guest('docker run --name source busybox sh -c "echo exported > /file"')
    const id = await guest(`docker export source | docker import -m note -c 'CMD cat /file' - imported:v1`)
    expect(await guest('docker run --rm imported:v1')).toBe('exported')
    expect(await guest('docker inspect -f "{{.Id}} {{.Comment}} {{len .RootFS.Layers}}" imported:v1')).toBe(
      `${id} note 1`,
    )
    await guest('docker rm source && docker rmi imported:v1')
  })

  test('an OCI archive of skopeo loads from the host through the API', async () => {
    const saved = await call({ method: 'GET', path: '/images/get', query: { names: ['busybox'] } })
    await writeFile(join(scratch, 'busybox.tar'), saved.body)
    await run('skopeo', [
      '--override-arch',
      '386',
      'copy',
      `docker-archive:${scratch}/busybox.tar:busybox:latest`,
      `oci-archive:${scratch}/o.tar:from-skopeo:v9`,
    ])
    const { status, body } = await call({
      method: 'POST',
      path: '/images/load',
      query: { quiet: true },
      body: tarBody(createReadStream(join(scratch, 'o.tar'))),
    })
    expect([status, body.toString().trim()]).toEqual([200, '{"stream":"Loaded image: from-skopeo:v9\\n"}'])
    expect(await guest('docker run --rm from-skopeo:v9 echo loaded')).toBe('loaded')
    await guest('docker rmi from-skopeo:v9')
  })
})

test('layers that a container is made of stay when its image is removed by force', async () => {
  await guest('docker run --name base busybox sh -c "echo leased > /leased" && docker commit base leased:v1')
  await guest(
    'docker create --name user leased:v1 cat /leased && docker rmi -f leased:v1 && docker image prune -af',
  )
  expect(await guest('docker start -a user')).toBe('leased')
  await guest('docker rm base user')
})
