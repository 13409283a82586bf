/** What the calls that reach registries need. */
import type { RegistryCredentials } from '../../../guest/protocol/api/content.ts'
import type { Catalogue } from '../catalogue/catalogue.ts'
import type { ContentStore } from '../content/content-store.ts'
import type { Puller } from './puller.ts'
import type { RegistryMirrors } from './registry-mirrors.ts'
import type { RegistrySession } from './registry-session.ts'

export interface RegistryContent {
  store: ContentStore
  catalogue: Catalogue
  puller: Puller
  mirrors: RegistryMirrors
  /** A session with the registry of that name, this page's or a remote one, or with the mirror at that origin. */
  connect(domain: string, credentials: RegistryCredentials | undefined, mirror?: string): RegistrySession
}

/** The repository and the tag or digest that a call names at a registry. */
export interface Named {
  reference: string
  auth?: RegistryCredentials
}
