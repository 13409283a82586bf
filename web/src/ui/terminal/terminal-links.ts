/** The target of a link in a terminal. What a container prints is untrusted, so anything else is no link. */
export type TerminalLink =
  | { kind: 'web'; url: string }
  /** A server on the guest's own loopback: the preview pane shows it, because the page's host cannot reach it. */
  | { kind: 'preview'; port: number }
  | { kind: 'container'; id: string }

const LOCAL_HOSTS = new Set(['localhost', '127.0.0.1', '0.0.0.0', '[::1]'])

/**
 * Parses the target of an OSC 8 hyperlink, or of an address found in the text. Only http, https and our own
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

/** The most characters that an OSC 52 sequence may put on the clipboard: enough for any selection. */
const MAX_CLIPBOARD_CHARACTERS = 100_000

/**
 * The text that an OSC 52 sequence (`c;<base64>`) asks to put on the clipboard. Undefined for malformed data, and for a
 * query (`c;?`), which would read the clipboard and is never answered.
 */
export function parseClipboardWrite(data: string): string | undefined {
  const match = /^[cps0-7]*;([A-Za-z0-9+/]*={0,2})$/.exec(data)
  if (!match || match[1] === '' || match[1]!.length > MAX_CLIPBOARD_CHARACTERS || match[1]!.length % 4 !== 0)
    return undefined
  const bytes = Uint8Array.from(atob(match[1]!), (character) => character.charCodeAt(0))
  return new TextDecoder().decode(bytes)
}
