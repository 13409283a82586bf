/**
 * Compares what the kernel has with what the records say, after a start of the engine. Pure; the service runs the plan.
 * Only names that the engine itself gives are swept: veth + 7 hex digits, br- and dm- + 12, and its own namespace
 * directory.
 */
import type { StepReport } from '../../host/launcher/launcher-api.ts'
import type { HostPlan } from '../../plan/plan.ts'
import {
  decodeAddresses,
  decodeLinks,
  type InterfaceAddress,
  type Link,
} from './netlink/rtnetlink-answers.ts'
import { deleteLink } from './netlink/rtnetlink.ts'
import type { Prefix } from './address/ip-address.ts'
import type { NetworkRecord, SandboxRecord } from './network-records.ts'
import { forgetNetns, route } from './plan/steps.ts'

export interface Survey {
  links: Link[]
  addresses: InterfaceAddress[]
}

/** Reads the reports of `surveyPlan`. */
export function readSurvey(reports: readonly StepReport[]): Survey {
  const [links, addresses] = reports.map(({ data }) => data ?? new Uint8Array())
  return {
    links: decodeLinks(links ?? new Uint8Array()),
    addresses: decodeAddresses(addresses ?? new Uint8Array()),
  }
}

export interface Kept {
  networks: readonly NetworkRecord[]
  sandboxes: readonly SandboxRecord[]
  /** Near ends of the pool's veth pairs. */
  hostLinks: readonly string[]
  netnsPaths: readonly string[]
}

/** Removes links and namespaces that no record has. */
export function sweepPlan(survey: Survey, netnsPresent: readonly string[], kept: Kept): HostPlan {
  const endpoints = kept.sandboxes.flatMap((sandbox) => sandbox.endpoints)
  const links = new Set([
    ...kept.hostLinks,
    ...kept.networks.flatMap(({ link }) => link ?? []),
    ...endpoints.flatMap(({ hostLink }) => hostLink ?? []),
  ])
  const paths = new Set([...kept.netnsPaths, ...kept.sandboxes.flatMap(({ netnsPath }) => netnsPath ?? [])])
  const strayLinks = survey.links.filter((link) => isOurs(link) && !links.has(link.name))
  const strayPaths = netnsPresent.filter((path) => !paths.has(path))
  return {
    steps: [
      ...strayLinks.flatMap(({ name }) => route([deleteLink(name)], { tolerate: 'any' })),
      ...strayPaths.flatMap(forgetNetns),
    ],
  }
}

function isOurs({ kind, name }: Link): boolean {
  return (
    (kind === 'veth' && /^veth[0-9a-f]{7}$/.test(name)) ||
    (kind === 'bridge' && /^br-[0-9a-f]{12}$/.test(name)) ||
    (kind === 'dummy' && /^dm-[0-9a-f]{12}$/.test(name))
  )
}

/** Prefixes of interfaces that are not the engine's, which no network may overlap. */
export function foreignPrefixes(survey: Survey, networks: readonly NetworkRecord[]): Prefix[] {
  const own = new Set(networks.filter(({ ownsLink }) => ownsLink).map(({ link }) => link))
  const names = new Map(survey.links.map(({ index, name }) => [index, name]))
  return survey.addresses.filter(({ index }) => !own.has(names.get(index))).map(({ prefix }) => prefix)
}

export function addressesOf(survey: Survey, link: Link | undefined): Prefix[] {
  return survey.addresses.filter(({ index }) => index === link?.index).map(({ prefix }) => prefix)
}
