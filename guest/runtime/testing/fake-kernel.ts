/**
 * A LauncherClient for tests that records plans and knows the guest's links: it decodes the netlink messages that make
 * and remove them, and answers surveys from that.
 */
import { EngineError } from '../../protocol/errors.ts'
import type { LauncherClient, StepReport } from '../host/launcher/launcher-api.ts'
import type { HostPlan, Step } from '../plan/plan.ts'
import {
  concat,
  decodeAttributes,
  decodeMessages,
  message,
  nested,
  attribute,
  readText,
  text,
  u16,
  u32,
  u8,
} from '../docker/network/netlink/message.ts'
import { IFLA, NETLINK_ROUTE, RTM } from '../docker/network/netlink/rtnetlink.ts'

const VETH_PEER = 1

export class FakeKernel implements Pick<LauncherClient, 'run' | 'ask'> {
  readonly plans: HostPlan[] = []
  /** Links of the guest's own namespace: name → kind. */
  readonly links = new Map<string, string>()
  /** The near end of a veth pair → the namespace path of its far end. */
  readonly #farEnds = new Map<string, string>()
  /** Makes the next plan fail that has a step for which this is true. */
  failOn: ((step: Step) => boolean) | undefined

  async run(plan: HostPlan): Promise<void> {
    await this.ask(plan)
  }

  async ask(plan: HostPlan): Promise<StepReport[]> {
    this.plans.push(plan)
    const failing = this.failOn && plan.steps.find(this.failOn)
    if (failing !== undefined) {
      this.failOn = undefined
      this.#execute(plan.undo ?? [])
      throw new EngineError('internal', `${failing.op}: operation not permitted`, { op: failing.op })
    }
    return this.#execute(plan.steps)
  }

  #execute(steps: readonly Step[]): StepReport[] {
    let inside: string | undefined
    return steps.map((step, index) => {
      if (step.op === 'unshare') inside = ''
      if (step.op === 'keep-namespace') inside = step.path
      if (step.op === 'umount') this.#endNamespace(step.path)
      if (step.op === 'setns') inside = step.path === '/proc/1/ns/net' ? undefined : step.path
      const data =
        step.op === 'netlink' && step.protocol === NETLINK_ROUTE ? this.#route(step, inside) : undefined
      return { step: index, role: 'shim', op: step.op, result: 0, nanoseconds: 1, ...(data && { data }) }
    })
  }

  #route(step: Step & { op: 'netlink' }, inside: string | undefined): Uint8Array | undefined {
    for (const { type, payload } of decodeMessages(step.messages)) {
      if (type === RTM.getLink)
        return concat(...[...this.links].map(([name, kind], index) => linkAnswer(name, kind, index)))
      if (type !== RTM.newLink && type !== RTM.deleteLink) continue
      const attributes = decodeAttributes(payload.subarray(16))
      const name = readText(attributes.get(IFLA.name) ?? new Uint8Array())
      if (type === RTM.newLink) this.#newLink(name, attributes.get(IFLA.linkInfo), inside)
      else if (inside === undefined) this.links.delete(name)
    }
    return new Uint8Array()
  }

  #newLink(name: string, info: Uint8Array | undefined, inside: string | undefined): void {
    const fields = info && decodeAttributes(info)
    const kind = fields?.get(1)
    if (fields === undefined || kind === undefined) return
    if (inside === undefined) this.links.set(name, readText(kind))
    const peer = fields.get(2) && decodeAttributes(fields.get(2)!).get(VETH_PEER)
    if (peer === undefined) return
    const peerName = readText(decodeAttributes(peer.subarray(16)).get(IFLA.name)!)
    this.links.set(peerName, 'veth')
    if (inside !== undefined) this.#farEnds.set(peerName, inside)
  }

  /** Removes a namespace with the far ends in it, and so their near ends. */
  #endNamespace(path: string): void {
    for (const [name, owner] of this.#farEnds) {
      if (owner === path) this.links.delete(name)
    }
  }

  namesOf(kind: string): string[] {
    return [...this.links].filter(([, one]) => one === kind).map(([name]) => name)
  }
}

function linkAnswer(name: string, kind: string, index: number): Uint8Array {
  const header = concat(u8(0), u8(0), u16(1), u32(index + 2), u32(1), u32(0))
  const info = nested(IFLA.linkInfo, attribute(1, text(kind)))
  return message({
    type: RTM.newLink,
    flags: 2,
    header,
    attributes: [attribute(IFLA.name, text(name)), info],
  })
}
