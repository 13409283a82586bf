/** Kills the guest's engine. By the rescue shell on the console, which needs no engine and so can do it at any instant. */
import { setTimeout as after } from 'node:timers/promises'
import { expect } from 'vitest'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { runOnConsole } from '../../../scripts/lib/machine/console-command.ts'
import type { HeadlessMachine } from '../../../scripts/lib/machine/headless-machine.ts'
import { ask } from '../engine-answers.ts'

const KILL = 'kill -9 $(cat /sys/fs/cgroup/engine/cgroup.procs)'

export class EngineKiller {
  readonly #machine: HeadlessMachine
  #last: Promise<void> = Promise.resolve()
  kills = 0

  constructor(machine: HeadlessMachine) {
    this.#machine = machine
  }

  /** One at a time: an engine that is not up yet has nothing to lose. `delay`: milliseconds. */
  arm(delay: number): void {
    this.#last = this.#last.then(async () => {
      await after(delay)
      await this.kill()
    })
    // `settled` has its failure.
    this.#last.catch(() => undefined)
  }

  /** Resolves when the next engine answers. */
  async kill(): Promise<void> {
    const { code, output } = await runOnConsole(this.#machine.guest.machine.console, KILL)
    expect([code, output]).toEqual([0, ''])
    this.kills++
    await this.answered()
  }

  /** Each question waits for an engine; one that dies over it is not the one that is waited for. */
  async answered(): Promise<void> {
    for (;;) {
      try {
        const { text } = await ask(this.#machine.transport, { method: 'GET', path: '/_ping' })
        expect(text).toBe('OK')
        return
      } catch (error) {
        if (!(error instanceof EngineError && error.code === 'unavailable')) throw error
      }
    }
  }

  settled(): Promise<void> {
    return this.#last
  }
}
