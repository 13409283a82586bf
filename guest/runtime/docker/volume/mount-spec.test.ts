import { describe, expect, test } from 'vitest'
import { parseBind, parseMount } from './mount-spec.ts'
import { wantedMounts } from './resolve-mounts.ts'
import { tmpfsOptions } from './tmpfs-options.ts'

describe('a -v string', () => {
  test.each([
    ['/home', 'volume', '', '/home', false],
    ['/home:/something/else', 'bind', '/home', '/something/else', false],
    ['/with space/:/b/../c/', 'bind', '/with space', '/c', false],
    ['relative:/absolute-path', 'volume', 'relative', '/absolute-path', false],
    ['name:/data:ro', 'volume', 'name', '/data', true],
    ['/a:/b:rw', 'bind', '/a', '/b', false],
    ['/rw:/ro', 'bind', '/rw', '/ro', false],
    ['/a:/b:ro,Z,rslave', 'bind', '/a', '/b', true],
  ])('%s is a %s', (text, type, source, target, readOnly) => {
    expect(parseBind(text)).toMatchObject({ Type: type, Source: source, Target: target, ReadOnly: readOnly })
  })

  test.each([
    '',
    ':',
    ':test',
    ':/test',
    'tmp:',
    '/tmp:',
    '::',
    ':::',
    '/tmp:::',
    '/path:rw',
    '/path:ro',
    'path:shared',
  ])('%j is no volume specification', (text) => {
    expect(() => parseBind(text)).toThrow(`invalid volume specification: '${text}'`)
  })

  test.each([
    ['./', "invalid mount path: './' mount path must be absolute"],
    ['/:path', "invalid mount path: 'path' mount path must be absolute"],
    ['/tmp:/', "invalid specification: destination can't be '/'"],
    ['name:/data:shared', 'field BindOptions must not be specified'],
  ])('%s is refused with the reason', (text, reason) => {
    expect(() => parseBind(text)).toThrow(
      `invalid volume specification: '${text}': invalid mount config for type`,
    )
    expect(() => parseBind(text)).toThrow(reason)
  })

  test.each(['sw', 'rwz', 'ro,rw', 'ro,rshared,rslave', 'z,Z'])('mode %s is invalid', (mode) => {
    expect(() => parseBind(`/path:/path:${mode}`)).toThrow(`invalid mode: ${mode}`)
  })

  test('keeps propagation, nocopy and the mode as written', () => {
    expect(parseBind('/a:/b:ro,shared')).toMatchObject({
      mode: 'ro,shared',
      BindOptions: { Propagation: 'shared' },
    })
    expect(parseBind('name:/b:nocopy')).toMatchObject({ VolumeOptions: { NoCopy: true } })
  })
})

describe('a --mount', () => {
  test.each([
    [{ Type: 'bind', Target: '/b' }, 'field Source must not be empty'],
    [{ Type: 'bind', Source: '/a', Target: '' }, 'field Target must not be empty'],
    [{ Type: 'bind', Source: 'a', Target: '/b' }, "invalid mount path: 'a' mount path must be absolute"],
    [
      { Type: 'bind', Source: '/a', Target: '/b', BindOptions: { Propagation: 'x' } },
      'invalid propagation mode: x',
    ],
    [
      { Type: 'bind', Source: '/a', Target: '/b', VolumeOptions: {} },
      'field VolumeOptions must not be specified',
    ],
    [
      { Type: 'volume', Target: '/b', ReadOnly: true },
      'must not set ReadOnly mode when using anonymous volumes',
    ],
    [
      { Type: 'volume', Source: 'v', Target: '/b', VolumeOptions: { Subpath: '../x' } },
      'subpath must be a relative path',
    ],
    [{ Type: 'tmpfs', Source: '/a', Target: '/b' }, 'field Source must not be specified'],
    [{ Type: 'tmpfs', Target: '/b', TmpfsOptions: { Options: [['suid']] } }, 'invalid option: suid'],
    [{ Type: 'tmpfs', Target: '/b', ImageOptions: {} }, 'field ImageOptions must not be specified'],
    [{ Type: 'image', Target: '/b' }, 'field Source must not be empty'],
    [
      { Type: 'image', Source: 'i', Target: '/b', VolumeOptions: {} },
      'field VolumeOptions must not be specified',
    ],
    [
      { Type: 'image', Source: 'i', Target: '/b', ImageOptions: { Subpath: 'a/../../x' } },
      'subpath must be a relative path within the volume',
    ],
    [
      { Type: 'image', Source: 'i', Target: '/b', ImageOptions: { Subpath: '/x' } },
      'subpath must be a relative path within the volume',
    ],
    [{ Type: 'npipe', Source: 'a', Target: '/b' }, 'mount type unknown'],
  ] as const)('%j is refused', (request, reason) => {
    const wrong = structuredClone(request) as unknown as Parameters<typeof parseMount>[0]
    expect(() => parseMount(wrong)).toThrow(`invalid mount config for type "${request.Type}": ${reason}`)
  })
})

describe('tmpfs options', () => {
  test('have Docker’s defaults, which what is given undoes', () => {
    expect(tmpfsOptions('')).toEqual(['noexec', 'nosuid', 'nodev'])
    expect(tmpfsOptions('size=64m,exec,size=32m,mode=1777')).toEqual([
      'nosuid',
      'nodev',
      'exec',
      'size=32m',
      'mode=1777',
    ])
  })

  test('that do not exist are named', () => {
    expect(() => tmpfsOptions('rw,colour=red')).toThrow('invalid tmpfs option ["colour" "red"]')
    expect(() => tmpfsOptions('size')).toThrow('invalid tmpfs option ["size"]')
  })
})

describe('the mounts of a container', () => {
  const none = { binds: [], mounts: [], tmpfs: {}, imageVolumes: [], volumesFrom: [] }
  const point = {
    Type: 'bind' as const,
    Source: '/x',
    Destination: '/data',
    Mode: '',
    RW: true,
    Propagation: '',
  }

  test('are one per destination: -v over --volumes-from, both over the image’s volumes', () => {
    const wanted = wantedMounts({
      ...none,
      volumesFrom: [{ point }, { point: { ...point, Destination: '/other' } }],
      binds: ['/a:/data'],
      imageVolumes: ['/data/', '/other', '/own'],
    })
    expect(wanted.map(({ from, destination }) => [from, destination])).toEqual([
      ['spec', '/data'],
      ['container', '/other'],
      ['image', '/own'],
    ])
  })

  test.each([
    { binds: ['/a:/data', '/b:/data/'] },
    { binds: ['/a:/data'], mounts: [{ Type: 'volume' as const, Target: '/data' }] },
    { binds: ['/a:/data'], tmpfs: { '/data': '' } },
  ])('asked for twice are refused: %j', (sources) => {
    expect(() => wantedMounts({ ...none, ...sources })).toThrow('Duplicate mount point: /data')
  })
})
