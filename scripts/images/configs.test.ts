/** What `docker image inspect` shows of the bundled images, beside the official ones of the same name. */
import { describe, expect, it } from 'vitest'
import { splitVersion } from '../lib/debian/packages.ts'
import { versionTags } from './context.ts'
import { DEBIAN_CONFIG, debianTags } from './debian.ts'
import { nginxConfig } from './nginx.ts'
import { commandLinks, pythonConfig } from './python.ts'
import { redisConfig } from './redis.ts'

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

describe('the configuration of the image', () => {
  it('debian is the official one', () => {
    expect(DEBIAN_CONFIG).toEqual({ Env: [PATH], Cmd: ['bash'] })
  })

  it('nginx is the official one, with the version and revision of Debian’s package', () => {
    expect(nginxConfig('1.26.3-3+deb13u1')).toEqual({
      Env: [PATH, 'NGINX_VERSION=1.26.3', 'PKG_RELEASE=3+deb13u1'],
      Entrypoint: ['/docker-entrypoint.sh'],
      Cmd: ['nginx', '-g', 'daemon off;'],
      ExposedPorts: { '80/tcp': {} },
      Labels: { maintainer: 'Porthole' },
      StopSignal: 'SIGQUIT',
    })
  })

  it('redis is the official one, with the version of Debian’s package', () => {
    expect(redisConfig('5:8.0.2-3+deb13u1')).toEqual({
      Env: [PATH, 'REDIS_VERSION=8.0.2'],
      Entrypoint: ['docker-entrypoint.sh'],
      Cmd: ['redis-server'],
      ExposedPorts: { '6379/tcp': {} },
      Volumes: { '/data': {} },
      WorkingDir: '/data',
    })
  })

  it('python is the official one, with the version of Debian’s interpreter', () => {
    expect(pythonConfig('3.13.5-2')).toEqual({
      Env: [
        'PATH=/usr/local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        'PYTHON_VERSION=3.13.5',
      ],
      Cmd: ['python3'],
    })
  })
})

it('python has the official names of its programs, each leading to the next longer one', () => {
  expect(commandLinks('python3.13')).toEqual({
    'python3.13': '/usr/bin/python3.13',
    'pydoc3.13': '/usr/bin/pydoc3.13',
    python3: 'python3.13',
    python: 'python3',
    pydoc3: 'pydoc3.13',
    pydoc: 'pydoc3',
  })
})

it('tags are the true ones of the version, and those of Debian its release’s', () => {
  expect(versionTags('1.26.3')).toEqual(['1', '1.26', '1.26.3'])
  expect(debianTags('13.2')).toEqual(['trixie', 'trixie-slim', '13', '13-slim', '13.2', '13.2-slim'])
})

it.each([
  ['1:1.37.0-6', '1.37.0', '6'],
  ['5:8.0.2-3+deb13u1', '8.0.2', '3+deb13u1'],
  ['2.41-12-1', '2.41-12', '1'],
  ['2025b', '2025b', ''],
])('%s is upstream’s %s in Debian’s revision %s', (version, release, revision) => {
  expect(splitVersion(version)).toEqual({ release, revision })
})
