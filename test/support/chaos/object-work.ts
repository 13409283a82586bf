/** A client's work on volumes, networks and images. A request whose connection ended is looked after, as in container-work.ts. */
import { post, remove, type ChaosActor } from './chaos-actor.ts'
import type { Outcome } from './chaos-api.ts'

export class ObjectWork {
  readonly actor: ChaosActor

  constructor(actor: ChaosActor) {
    this.actor = actor
  }

  async createVolume(): Promise<void> {
    const name = this.actor.fresh('v')
    const outcome = await this.actor.api.try(
      post('/volumes/create', {}, { Name: name, Labels: { key: name } }),
    )
    const there = async () => (await this.actor.api.look(`/volumes/${name}`)) !== undefined
    if (await this.actor.happened(outcome, there)) this.actor.model.volumes.set(name, new Map())
  }

  async removeVolume(name: string): Promise<void> {
    const outcome = await this.actor.api.try(remove(`/volumes/${name}`))
    const gone = async () => (await this.actor.api.look(`/volumes/${name}`)) === undefined
    if (await this.actor.happened(outcome, gone)) this.actor.model.volumes.delete(name)
  }

  async createNetwork(): Promise<void> {
    const name = this.actor.fresh('n')
    const outcome = await this.actor.api.try(post('/networks/create', {}, { Name: name }))
    const there = async () => (await this.actor.api.look(`/networks/${name}`)) !== undefined
    if (await this.actor.happened(outcome, there)) this.actor.model.networks.add(name)
  }

  async removeNetwork(name: string): Promise<void> {
    const outcome = await this.actor.api.try(remove(`/networks/${name}`))
    const gone = async () => (await this.actor.api.look(`/networks/${name}`)) === undefined
    if (await this.actor.happened(outcome, gone)) this.actor.model.networks.delete(name)
  }

  async keepTag(tag: string, outcome: Outcome): Promise<void> {
    const image = await this.actor.api.look<{ Id: string }>(`/images/${tag}/json`)
    if (await this.actor.happened(outcome, async () => image !== undefined))
      this.actor.model.tags.set(tag, image!.Id)
  }

  async tag(): Promise<void> {
    const repo = this.actor.fresh('t')
    await this.keepTag(repo, await this.actor.api.try(post('/images/busybox/tag', { repo, tag: 'latest' })))
  }

  async untag(tag: string): Promise<void> {
    const outcome = await this.actor.api.try(remove(`/images/${tag}`))
    const gone = async () => (await this.actor.api.look(`/images/${tag}/json`)) === undefined
    if (await this.actor.happened(outcome, gone)) this.actor.model.tags.delete(tag)
  }

  async build(): Promise<void> {
    const tag = this.actor.fresh('t')
    await this.keepTag(tag, await this.actor.api.build(tag, this.actor.fresh('text')))
  }

  async pull(): Promise<void> {
    await this.actor.api.try(post('/images/create', { fromImage: 'hello-world', tag: 'latest' }))
  }
}
