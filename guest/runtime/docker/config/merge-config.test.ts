import { expect, test } from 'vitest'
import type { ContainerCreateRequest } from '../../../protocol/api/engine-api.ts'
import { mergeConfig } from './merge-config.ts'

const IMAGE = { Cmd: ['sh'], Env: ['PATH=/bin'] }
const merged = (request: ContainerCreateRequest) => mergeConfig(request, IMAGE, 'box')

test('takes one word where a list is expected', () => {
  const { Entrypoint, Cmd, Shell } = merged({ Entrypoint: 'env', Cmd: 'a b', Shell: '/bin/sh' })
  expect([Entrypoint, Cmd, Shell]).toEqual([['env'], ['a b'], ['/bin/sh']])
})

test('an entrypoint of the request leaves out the command of the image', () => {
  expect(merged({ Entrypoint: ['env'] })).toMatchObject({ Entrypoint: ['env'], Cmd: null })
  expect(merged({})).toMatchObject({ Entrypoint: null, Cmd: ['sh'] })
})

test('leaves out of a health check what is null in the request', () => {
  const request = JSON.parse(
    '{"Healthcheck":{"Test":["CMD","true"],"Timeout":null,"Retries":null}}',
  ) as ContainerCreateRequest
  expect(merged(request).Healthcheck).toEqual({ Test: ['CMD', 'true'] })
})
