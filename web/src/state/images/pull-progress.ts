import type { JsonProgress } from '../../../../guest/protocol/api/engine-api.ts'

export interface PullLayer {
  id: string
  status: string
  current?: number
  total?: number
}

/** How far a pull is, as an immutable value; each line gives the next one. */
export class PullProgressState {
  readonly layers: readonly PullLayer[]
  readonly message: string

  constructor(layers: readonly PullLayer[] = [], message = '') {
    this.layers = layers
    this.message = message
  }

  with({ id, status = '', progressDetail }: JsonProgress): PullProgressState {
    // Lines without a layer, and the first (its id is the tag), speak of the whole pull.
    if (id === undefined || status.startsWith('Pulling from'))
      return new PullProgressState(this.layers, status)
    const layer = { id, status, current: progressDetail?.current, total: progressDetail?.total }
    const isKnown = this.layers.some((other) => other.id === id)
    const layers = isKnown
      ? this.layers.map((other) => (other.id === id ? layer : other))
      : [...this.layers, layer]
    return new PullProgressState(layers, this.message)
  }

  /** A number from 0 to 1: layers that are done, and the downloaded part of those under way. */
  get fraction(): number {
    if (this.layers.length === 0) return 0
    const parts = this.layers.map(({ status, current, total }) => {
      if (status === 'Pull complete' || status === 'Already exists') return 1
      return total ? 0.9 * Math.min(1, (current ?? 0) / total) : 0
    })
    return parts.reduce((sum, part) => sum + part, 0) / parts.length
  }
}
