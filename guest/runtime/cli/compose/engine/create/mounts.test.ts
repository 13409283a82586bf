import { expect, test } from 'vitest'
import type { ImageInspect } from '../../../../../protocol/api/engine-api.ts'
import type { Project } from '../../model/project.ts'
import type { Service, VolumeMount } from '../../model/types.ts'
import { serviceMounts } from './mounts.ts'

const project = {
  volumes: { data: { name: 'app_data' } },
  secrets: {},
  configs: {},
} as unknown as Project
const image = { Config: {} } as ImageInspect

/** The mounts of a service with one volume. */
function mountsOf(volume: VolumeMount) {
  const warn = (message: string) => expect.fail(message)
  return serviceMounts(project, { volumes: [volume] } as unknown as Service, image, undefined, warn).Mounts
}

test('a volume of type image goes to the engine as it is', () => {
  expect(mountsOf({ type: 'image', source: 'busybox', target: '/x/', read_only: true })).toEqual([
    { Type: 'image', Source: 'busybox', Target: '/x', ReadOnly: true },
  ])
})

test('a part of a volume is named by its subpath', () => {
  expect(mountsOf({ type: 'volume', source: 'data', target: '/x', volume: { subpath: 'a/b' } })).toEqual([
    { Type: 'volume', Source: 'app_data', Target: '/x', VolumeOptions: { Subpath: 'a/b' } },
  ])
})
