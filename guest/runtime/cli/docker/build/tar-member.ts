/**
 * Writes one file as a tar member that goes before others:
 * https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html (ustar).
 */
const BLOCK = 512
const CHECKSUM = { offset: 148, length: 8 }

const octal = (value: number, length: number) => `${value.toString(8).padStart(length - 1, '0')}\0`

/** @param name at most 100 bytes. @param seconds since the epoch */
export function tarMember(name: string, content: Uint8Array, seconds: number): Uint8Array {
  const padded = Math.ceil(content.length / BLOCK) * BLOCK
  const member = Buffer.alloc(BLOCK + padded)
  member.write(name, 0)
  member.write(octal(0o600, 8) + octal(0, 8) + octal(0, 8), 100)
  member.write(octal(content.length, 12) + octal(seconds, 12), 124)
  member.write(' '.repeat(CHECKSUM.length), CHECKSUM.offset)
  member.write('0', 156)
  member.write('ustar\x0000', 257, 'latin1')
  const sum = member.subarray(0, BLOCK).reduce((total, byte) => total + byte, 0)
  member.write(`${octal(sum, 7)} `, CHECKSUM.offset)
  member.set(content, BLOCK)
  return member
}

/** Two blocks of zeros end an archive. */
export const TAR_END = new Uint8Array(2 * BLOCK)
