/** Images as clients of older API versions expect them (moby, api/server/router/image). */
import type { ImageInspect, ImageSummary } from '../../../protocol/api/engine-api.ts'
import { has } from './api-changes.ts'

type Client = { version: string }

export function summaryByVersion(image: ImageSummary, client: Client): object {
  const isNameless = image.RepoTags.length === 0 && image.RepoDigests.length === 0
  return {
    ...image,
    ...(isNameless &&
      !has(client, 'image-list-no-none') && {
        RepoTags: ['<none>:<none>'],
        RepoDigests: ['<none>@<none>'],
      }),
    ...(!has(client, 'image-no-virtual-size') && { VirtualSize: image.Size }),
    ...(!has(client, 'image-list-containers') && { Containers: -1 }),
  }
}

/** Fields of a container's configuration that an image has no use for, and that old API versions showed all the same. */
const LEGACY_CONFIG = {
  AttachStderr: false,
  AttachStdin: false,
  AttachStdout: false,
  Cmd: null,
  Domainname: '',
  Entrypoint: null,
  Env: null,
  Hostname: '',
  Image: '',
  Labels: null,
  OnBuild: null,
  OpenStdin: false,
  StdinOnce: false,
  Tty: false,
  User: '',
  Volumes: null,
  WorkingDir: '',
}

export function inspectByVersion(image: ImageInspect, client: Client): object {
  const { Descriptor, ...rest } = image
  return {
    ...rest,
    ...(has(client, 'image-descriptor') && { Descriptor }),
    ...(!has(client, 'image-no-virtual-size') && {
      VirtualSize: image.Size,
      Created: image.Created ?? '0001-01-01T00:00:00Z',
    }),
    ...(!has(client, 'image-no-container') && { Container: '', ContainerConfig: null }),
    ...(!has(client, 'image-config-omits-empty') && { Config: { ...LEGACY_CONFIG, ...image.Config } }),
  }
}
