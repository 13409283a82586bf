/** What a client of the engine may rely on: everything that was acknowledged to it and not taken back since. */
import type { ContainerStateName } from '../../../guest/protocol/states/container-states.ts'

export interface KeptContainer {
  /** Never changes, as its name may. */
  key: string
  id: string
  name: string
  state: ContainerStateName
  memory: number
  /** By path. */
  files: Map<string, string>
  volume: string | undefined
  /** With its network mode, which it never leaves. */
  networks: Set<string>
  home: string | undefined
}

export class ChaosModel {
  /** By key. */
  readonly containers = new Map<string, KeptContainer>()
  /** Files by name, by volume. */
  readonly volumes = new Map<string, Map<string, string>>()
  readonly networks = new Set<string>()
  /** Image ids by tag. */
  readonly tags = new Map<string, string>()

  containersIn(...states: ContainerStateName[]): KeptContainer[] {
    return [...this.containers.values()].filter(({ state }) => states.includes(state))
  }

  isVolumeUsed(name: string): boolean {
    return [...this.containers.values()].some(({ volume }) => volume === name)
  }

  isNetworkUsed(name: string): boolean {
    return [...this.containers.values()].some(({ networks }) => networks.has(name))
  }
}
