import { GUEST_SERVICES } from '../../../../protocol/api/guest-network.ts'
import { answerQuery, refuse, type Names } from './dns.ts'
import { parseAddress } from '../address/ipv4.ts'

const ADDRESS = parseAddress(GUEST_SERVICES.address)!

const NAMES: Names = {
  addressesOf: (name) => (name.toLowerCase() === GUEST_SERVICES.registryName ? [ADDRESS] : undefined),
  nameOf: (address) => (address === ADDRESS ? GUEST_SERVICES.registryName : undefined),
  singleLabelsStayInside: false,
}

/**
 * What the guest's name server answers: there is no way out to a server that would know other names, so they do not
 * exist, and a program hears it at once.
 */
export function answerGuestQuery(query: Uint8Array): Uint8Array {
  return answerQuery(query, NAMES) ?? refuse(query, 'nameError')
}
