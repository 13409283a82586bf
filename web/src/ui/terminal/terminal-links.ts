/** Where a link in a terminal leads; what a container prints is untrusted, so everything else is no link at all. */
export type TerminalLink =
  | { kind: 'web'; url: string }
  /** A server on the guest's own loopback: shown in the preview pane, as the page's host does not have it. */
  | { kind: 'preview'; port: number }
  | { kind: 'container'; id: string }

const LOCAL_HOSTS = new Set(['localhost', '127.0.0.1', '0.0.0.0', '[::1]'])

/**
 * The target of an OSC 8 hyperlink or of an address found in the text. Only http, https and our own
 * `porthole:container/<64 hex digits>` are links; an address with credentials in it is none.
 */
export function parseTerminalLink(uri: string): TerminalLink | undefined {
  const container = /^porthole:container\/([0-9a-f]{64})$/.exec(uri)
  if (container) return { kind: 'container', id: container[1]! }
  if (!/^https?:\/\//i.test(uri) || !URL.canParse(uri)) return undefined
  const url = new URL(uri)
  if (url.username || url.password) return undefined
  if (LOCAL_HOSTS.has(url.hostname)) return { kind: 'preview', port: Number(url.port || 80) }
  return { kind: 'web', url: url.href }
}

/** An OSC 52 sequence can hold the whole of a selection, never more than this. */
const MAX_CLIPBOARD_CHARACTERS = 100_000

/**
 * The text that an OSC 52 sequence (`c;<base64>`) wants on the clipboard. A query (`c;?`) would read the clipboard and is
 * never answered; malformed data is nothing.
 */
export function parseClipboardWrite(data: string): string | undefined {
  const match = /^[cps0-7]*;([A-Za-z0-9+/]*={0,2})$/.exec(data)
  if (!match || match[1] === '' || match[1]!.length > MAX_CLIPBOARD_CHARACTERS || match[1]!.length % 4 !== 0)
    return undefined
  const bytes = Uint8Array.from(atob(match[1]!), (character) => character.charCodeAt(0))
  return new TextDecoder().decode(bytes)
}
