/** Plan steps of which the plans of both networks and sandboxes are made. Pure. */
import type { Step } from '../../../plan/plan.ts'
import { sequence } from '../netlink/message.ts'
import { NETLINK_NETFILTER } from '../netlink/nf-tables.ts'
import { NETLINK_ROUTE } from '../netlink/rtnetlink.ts'

/** The value of linux/sched.h. */
export const CLONE_NEWNET = 0x40000000
/** The guest's own network namespace, which is that of PID 1. */
export const HOST_NETNS = '/proc/1/ns/net'
/** PID 1 as netlink names the guest's own namespace (IFLA_NET_NS_PID). */
export const HOST_PID = 1
/** The value of umount2(2). */
const MNT_DETACH = 2

/** A step that sends the messages; none when there is no message. */
export function route(messages: readonly Uint8Array[], options: Pick<Step, 'tolerate'> = {}): Step[] {
  if (messages.length === 0) return []
  return [{ op: 'netlink', protocol: NETLINK_ROUTE, messages: sequence(messages), ...options }]
}

/** Turns messages and steps into steps, in their order; messages that follow one another become one step. */
export function inTurn(parts: readonly (Uint8Array | Step)[]): Step[] {
  const steps: Step[] = []
  let messages: Uint8Array[] = []
  for (const part of parts) {
    if (part instanceof Uint8Array) {
      messages.push(part)
      continue
    }
    steps.push(...route(messages), part)
    messages = []
  }
  return [...steps, ...route(messages)]
}

/** A step that sends the messages of one transaction. */
export function netfilter(messages: readonly Uint8Array[], options: Pick<Step, 'tolerate'> = {}): Step[] {
  if (messages.length === 0) return []
  return [{ op: 'netlink', protocol: NETLINK_NETFILTER, messages: sequence(messages), ...options }]
}

const ENTER_HOST: Step = Object.freeze({ op: 'setns', path: HOST_NETNS, flags: CLONE_NEWNET })

export function enterNetns(path: string): Step {
  return path === HOST_NETNS ? ENTER_HOST : { op: 'setns', path, flags: CLONE_NEWNET }
}

export function sysctl(path: string, value: string, options: Pick<Step, 'tolerate'> = {}): Step {
  return { op: 'write-file', path: `/proc/sys/${path}`, data: new TextEncoder().encode(value), ...options }
}

/** Turns IPv6 off or on for a link of the current namespace; `default` stands for links to come. */
export function disableIpv6(link: string, disabled: boolean): Step {
  return sysctl(`net/ipv6/conf/${link}/disable_ipv6`, disabled ? '1' : '0')
}

/** Removes a namespace's path; both steps do nothing when it is gone already. The namespace ends with its last process. */
export function forgetNetns(path: string): Step[] {
  return [
    { op: 'umount', path, flags: MNT_DETACH, tolerate: 'any' },
    { op: 'unlink', path, tolerate: 'ENOENT' },
  ]
}
