import { GUEST_SERVICES } from '../../../../protocol/api/guest-network.ts'
import { answerQuery, refuse, type Names } from './dns.ts'

const NAMES: Names = {
  addressesOf: (name, family) => {
    if (name.toLowerCase() !== GUEST_SERVICES.registryName) return undefined
    return family === 4 ? [GUEST_SERVICES.address] : []
  },
  nameOf: (address) => (address === GUEST_SERVICES.address ? GUEST_SERVICES.registryName : undefined),
  singleLabelsStayInside: false,
}

/**
 * The guest's name server. There is no way to a server that would know other names, so they do not exist, and a program
 * hears it at once.
 */
export function answerGuestQuery(query: Uint8Array): Uint8Array {
  return answerQuery(query, NAMES) ?? refuse(query, 'nameError')
}
