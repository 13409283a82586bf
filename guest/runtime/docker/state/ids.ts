/**
 * Identifiers from the kernel's random numbers. Node's own generator is part of a snapshot and would repeat itself in
 * every restore; the kernel's is reseeded then.
 */
export type RandomBytes = (count: number) => Uint8Array

/** 64 hex digits that don't begin with twelve decimal ones: such a short id would look like a number (moby, stringid). */
export function randomId(random: RandomBytes): string {
  for (;;) {
    const id = Buffer.from(random(32)).toString('hex')
    if (!/^\d{12}/.test(id)) return id
  }
}

export const shortId = (id: string): string => id.replace(/^sha256:/, '').slice(0, 12)
