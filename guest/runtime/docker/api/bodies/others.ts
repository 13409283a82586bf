/** Bodies about volumes and registries, as Docker's Go types have them (moby, api/types/{volume,registry}). */
import type { AuthConfig, VolumeCreateRequest } from '../../../../protocol/api/engine-api.ts'
import { map, struct, text } from '../json/go-type.ts'

export const volumeCreateRequest = struct<VolumeCreateRequest>('volume.CreateOptions', {
  Driver: text(),
  DriverOpts: map(text()),
  Labels: map(text()),
  Name: text(),
})

export const authConfig = struct<AuthConfig>('registry.AuthConfig', {
  username: text(),
  password: text(),
  email: text(),
  serveraddress: text(),
  identitytoken: text(),
  registrytoken: text(),
})
