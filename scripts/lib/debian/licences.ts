import { parseStanzas } from './stanzas.ts'

/**
 * Names of the licences in a Debian copyright file, e.g. `Apache-2.0 AND Expat`: a summary, not a legal text.
 * Machine-readable files (https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/) name them in License
 * fields; others are searched for references to Debian's common licences and for well-known phrases.
 */
export function summarizeLicences(copyright: string): string {
  const names = /^Format:/m.test(copyright.slice(0, 2000)) ? declared(copyright) : recognized(copyright)
  return names.length === 0 ? 'see the copyright file' : names.join(' AND ')
}

function declared(copyright: string): string[] {
  const names = new Set<string>()
  for (const stanza of parseStanzas(copyright)) {
    const synopsis = stanza.License?.split('\n')[0]?.trim()
    if (synopsis !== undefined && synopsis !== '') names.add(synopsis.replace(/\s+/g, ' '))
  }
  return [...names].sort()
}

const PHRASES: [RegExp, string][] = [
  [/Permission is hereby granted, free of\s+charge/i, 'Expat'],
  [/Redistribution and use in source and binary forms/i, 'BSD'],
  [/Permission to use, copy, modify, (and\/or|and) distribute this\s+software/i, 'ISC'],
  [/public domain/i, 'public-domain'],
]

function recognized(copyright: string): string[] {
  const names = new Set<string>()
  for (const [, name] of copyright.matchAll(/\/usr\/share\/common-licenses\/([A-Za-z][\w.-]*\w)/g))
    names.add(name!)
  for (const [phrase, name] of PHRASES) if (phrase.test(copyright)) names.add(name)
  return [...names].sort()
}
