import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BUILD_OPTIONS as BUILD, buildWith } from '../../../../test/support/build-with-fake-host.ts'
import { FakeBuildHost } from '../../../../test/support/fake-build-host.ts'
import { shortImage } from './build-state.ts'

/** The commands these tests run: `write PATH TEXT`, `remove PATH`, `fail CODE`, `say TEXT`. */
function host(): FakeBuildHost {
  return new FakeBuildHost(async (request, root, output) => {
    const [name, path = '', ...rest] = request.Cmd!.at(-1)!.split(' ')
    if (name === 'write') {
      mkdirSync(join(root, path, '..'), { recursive: true })
      writeFileSync(join(root, path), rest.join(' '))
    }
    if (name === 'remove') rmSync(join(root, path))
    if (name === 'say') await output.stdout(`${[path, ...rest].join(' ')}\n`)
    return name === 'fail' ? Number(path) : 0
  })
}

let machine: FakeBuildHost

beforeEach(async () => {
  machine = host()
  await machine.base('busybox', {
    '/bin/sh': 'shell',
    '/etc/passwd': 'root:x:0:0:::\nnobody:x:65534:65534:::\n',
    '/etc/group': 'root:x:0:\nwheel:x:10:\n',
  })
})

afterEach(() => machine.close())

const short = /\b[0-9a-f]{12}\b/g

describe('a build', () => {
  test('tells its steps in the classic builder’s lines', async () => {
    const { text, image } = await buildWith(machine, {
      dockerfile: 'FROM busybox\nENV A=1\nRUN say hello\nCOPY a /b\n',
      files: { a: 'x' },
    })
    expect(text.replace(short, '<id>').replace(image.id, '<image>')).toBe(
      `Step 1/4 : FROM busybox
 ---> <id>
Step 2/4 : ENV A=1
 ---> Running in <id>
 ---> Removed intermediate container <id>
 ---> <id>
Step 3/4 : RUN say hello
 ---> Running in <id>
hello
 ---> Removed intermediate container <id>
 ---> <id>
Step 4/4 : COPY a /b
 ---> <id>
aux <image>
`,
    )
    expect(text).toContain(` ---> ${shortImage(image)}\n`)
    expect(machine.containers.size).toBe(0)
  })

  test('makes a layer of what a step wrote and none of what wrote nothing', async () => {
    const { image } = await buildWith(machine, {
      dockerfile: 'FROM busybox\nRUN write /a text\nRUN say nothing\nLABEL a=b\n',
    })
    expect(image.layers).toHaveLength(2)
    expect(image.config.rootfs.diff_ids).toHaveLength(2)
    expect(image.config.history!.map((step) => step.empty_layer ?? false)).toEqual([false, false, true, true])
    expect(image.config.history!.map((step) => step.created_by)).toEqual([
      'base busybox',
      '/bin/sh -c write /a text',
      '/bin/sh -c say nothing',
      '/bin/sh -c #(nop)  LABEL a=b',
    ])
    expect(machine.tree(image).readText('/a')).toBe('text')
  })

  test('gathers the configuration', async () => {
    const { image } = await buildWith(machine, {
      dockerfile: [
        'FROM busybox',
        'MAINTAINER me <me@example.com>',
        'ENV A=1 B="two words"',
        'ENV C $A-$B',
        'WORKDIR /srv',
        'WORKDIR app',
        'USER nobody',
        'EXPOSE 80 8000-8001/udp',
        'VOLUME ["/data"]',
        'LABEL one=1',
        'STOPSIGNAL SIGINT',
        'HEALTHCHECK --interval=30s --retries=3 CMD true',
        'SHELL ["/bin/bash", "-ec"]',
        'CMD run it',
        'ENTRYPOINT ["/entry"]',
        'ONBUILD RUN say triggered',
      ].join('\n'),
      options: { labels: { b: '$A', a: 'x' } },
    })
    expect(image.config.author).toBe('me <me@example.com>')
    expect(image.config.config).toEqual({
      Env: [
        'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        'A=1',
        'B=two words',
        'C=1-two words',
      ],
      WorkingDir: '/srv/app',
      User: 'nobody',
      ExposedPorts: { '80/tcp': {}, '8000/udp': {}, '8001/udp': {} },
      Volumes: { '/data': {} },
      Labels: { one: '1', a: 'x', b: '$A' },
      StopSignal: 'SIGINT',
      Healthcheck: { Test: ['CMD-SHELL', 'true'], Interval: 30e9, Retries: 3 },
      Shell: ['/bin/bash', '-ec'],
      Cmd: ['/bin/bash', '-ec', 'run it'],
      Entrypoint: ['/entry'],
      OnBuild: ['RUN say triggered'],
    })
    expect(image.config.history!.map((step) => step.created_by)).toContain(
      `/bin/sh -c #(nop)  HEALTHCHECK &{["CMD-SHELL" "true"] "30s" "0s" "0s" "0s" '\\x03'}`,
    )
    expect(machine.tree(image).entry('/srv/app')?.type).toBe('directory')
  })

  test('an ENTRYPOINT drops the base’s CMD, not the Dockerfile’s own', async () => {
    await machine.base('with-cmd', { '/x': '' }, { Cmd: ['old'] })
    const inherited = await buildWith(machine, { dockerfile: 'FROM with-cmd\nENTRYPOINT ["e"]\n' })
    expect(inherited.image.config.config!.Cmd).toBeUndefined()
    const own = await buildWith(machine, { dockerfile: 'FROM with-cmd\nCMD ["c"]\nENTRYPOINT ["e"]\n' })
    expect(own.image.config.config!.Cmd).toEqual(['c'])
  })

  test('runs the triggers of its base, which the new image no longer has', async () => {
    const { image: base } = await buildWith(machine, {
      dockerfile: 'FROM busybox\nONBUILD ENV T=1\nONBUILD RUN write /t $T\n',
    })
    machine.named.set('trigger', base)
    const { image, text } = await buildWith(machine, { dockerfile: 'FROM trigger\n' })
    expect(text).toContain('Step 1/1 : FROM trigger\n# Executing 2 build triggers\n')
    expect(image.config.config!.OnBuild).toBeUndefined()
    expect(image.config.config!.Env).toContain('T=1')
    expect(machine.tree(image).entry('/t')?.type).toBe('file')
  })

  test('gives RUN its build arguments, and says which were not used', async () => {
    const { image, text } = await buildWith(machine, {
      dockerfile: 'ARG TAG=box\nFROM busy$TAG\nARG TAG\nARG V=1\nRUN say $V\n',
      options: {
        buildArgs: new Map([
          ['V', '2'],
          ['W', '3'],
          ['HTTP_PROXY', 'http://p'],
        ]),
      },
    })
    const run = machine.created.at(-1)!
    expect(run.Env).toContain('V=2')
    expect(run.Env).toContain('TAG=box')
    expect(run.Env).toContain('HTTP_PROXY=http://p')
    expect(image.config.history!.at(-1)!.created_by).toBe('|2 TAG=box V=2 /bin/sh -c say $V')
    expect(image.config.config!.Env).not.toContain('V=2')
    expect(text).toContain('[Warning] One or more build-args [W] were not consumed\n')
  })

  test('gives the containers of RUN the limits asked for', async () => {
    const resources = { ...BUILD.resources, memory: 1 << 24, networkMode: 'none', extraHosts: ['h:1.2.3.4'] }
    await buildWith(machine, { dockerfile: 'FROM busybox\nRUN say x\n', options: { resources } })
    expect(machine.created[0]!.HostConfig).toMatchObject({
      ...{ Memory: 1 << 24, NetworkMode: 'none', ExtraHosts: ['h:1.2.3.4'] },
      LogConfig: { Type: 'none', Config: {} },
    })
    expect(machine.created[0]!.Entrypoint).toEqual([''])
    expect(machine.created[0]!.Healthcheck).toEqual({ Test: ['NONE'] })
  })

  test('keeps the container of a step that failed, unless it is to go in any case', async () => {
    const dockerfile = 'FROM busybox\nRUN fail 7\n'
    await expect(buildWith(machine, { dockerfile })).rejects.toMatchObject({
      message: "The command '/bin/sh -c fail 7' returned a non-zero code: 7",
      details: { code: 7 },
    })
    expect(machine.containers.size).toBe(1)
    machine.containers.clear()
    await expect(buildWith(machine, { dockerfile, options: { forceRemove: true } })).rejects.toThrow(
      'code: 7',
    )
    expect(machine.containers.size).toBe(0)
  })

  test('stops between steps once its client has gone', async () => {
    const gone = new AbortController()
    const leaving = new FakeBuildHost(() => {
      gone.abort()
      return 0
    })
    await leaving.base('busybox', { '/a': '' })
    await expect(
      buildWith(leaving, { dockerfile: 'FROM busybox\nRUN one\nRUN two\n', signal: gone.signal }),
    ).rejects.toThrow('Build cancelled')
    expect(leaving.created).toHaveLength(1)
    expect(leaving.containers.size).toBe(0)
    leaving.close()
  })
})

describe('stages', () => {
  const dockerfile = `FROM busybox AS build
RUN write /out/program made
FROM scratch
COPY --from=build /out /
COPY --from=0 /out/program /second
`

  test('give each other files, by name and by number', async () => {
    const { image } = await buildWith(machine, { dockerfile })
    const tree = machine.tree(image)
    expect(tree.list('/')).toEqual(['program', 'second'])
    expect(tree.readText('/second')).toBe('made')
  })

  test('are built up to the target', async () => {
    const { image, text } = await buildWith(machine, { dockerfile, options: { target: 'BUILD' } })
    expect(text).toContain('Step 2/2 : RUN')
    expect(machine.tree(image).readText('/out/program')).toBe('made')
  })

  test('can begin with an earlier one, and keep its configuration', async () => {
    const { image } = await buildWith(machine, {
      dockerfile: 'FROM busybox AS a\nENV X=1\nFROM a\nLABEL l=$X\n',
    })
    expect(image.config.config!.Labels).toEqual({ l: '1' })
  })
})

describe('here-documents', () => {
  test('are RUN’s command, or a program when they begin with #!', async () => {
    const { image } = await buildWith(machine, {
      dockerfile:
        'FROM busybox\nRUN <<EOF\nwrite /a text\nEOF\nRUN <<EOF\n#!/bin/prog\nx\nEOF\nRUN cat <<A && cat <<B\n1\nA\n2\nB\n',
    })
    const [plain, script, two] = machine.created.map(({ Cmd }) => Cmd!.at(-1))
    expect(plain).toBe('write /a text\n')
    expect(script).toBe('/dev/pipes/EOF')
    expect(machine.created[1]!.HostConfig!.Binds![0]).toMatch(/\/EOF:\/dev\/pipes\/EOF:ro$/)
    expect(two).toBe('cat <<A && cat <<B\n1\nA\n2\nB')
    expect(image.config.history!.at(-2)!.created_by).toContain('#!/bin/prog')
  })

  test('are files for COPY, with variables unless their word is quoted', async () => {
    const { image } = await buildWith(machine, {
      dockerfile: `FROM busybox
ENV N=world
COPY <<hello <<-"raw" /files/
it's "$N"
hello
\t$N
raw
`,
    })
    const tree = machine.tree(image)
    expect(tree.readText('/files/hello')).toBe('it\'s "world"\n')
    expect(tree.readText('/files/raw')).toBe('$N\n')
  })
})
