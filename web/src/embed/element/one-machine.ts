/** A page has one machine, whatever the number of its embeds: who takes it makes the one before give it up. */
export class OneMachine<Owner extends { giveUp(): void }> {
  #owner: Owner | undefined

  take(owner: Owner): void {
    const before = this.#owner
    this.#owner = owner
    if (before !== owner) before?.giveUp()
  }

  /** To be called by an owner whose machine has ended; of others nothing changes. */
  free(owner: Owner): void {
    if (this.#owner === owner) this.#owner = undefined
  }
}
