/** Fields of one paragraph of a Debian control file (deb822): continuation lines are kept with their newlines. */
export type Stanza = Record<string, string>

/** Parses paragraphs of `Field: value` lines, as in Packages lists, `apt-cache show` and machine-readable copyright. */
export function parseStanzas(text: string): Stanza[] {
  const stanzas: Stanza[] = []
  for (const paragraph of text.split(/\n\s*\n/)) {
    const stanza: Stanza = {}
    let field: string | undefined
    for (const line of paragraph.split('\n')) {
      if (line.startsWith('#')) continue
      const match = /^([!-9;-~]+):[ \t]*(.*)$/.exec(line)
      if (match !== null && !/^\s/.test(line)) {
        field = match[1]!
        stanza[field] = match[2]!.trimEnd()
      } else if (field !== undefined && line.trim() !== '') {
        stanza[field] += `\n${line.trim()}`
      }
    }
    if (Object.keys(stanza).length > 0) stanzas.push(stanza)
  }
  return stanzas
}
