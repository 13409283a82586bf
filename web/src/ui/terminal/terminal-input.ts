/** What xterm has for the process: keys and its own replies as text, and legacy mouse reports as bytes in a string. */
export interface InputSource {
  onData(listener: (text: string) => void): unknown
  onBinary(listener: (bytes: string) => void): unknown
}

/**
 * Passes everything on that a terminal sends: what is typed, the replies it gives by itself (DSR, DA), and the mouse
 * reports of X10, whose coordinates are bytes above 127 that no UTF-8 may become of.
 */
export function forwardInput(source: InputSource, onInput: (input: string | Uint8Array) => void): void {
  source.onData(onInput)
  source.onBinary((bytes) => onInput(Uint8Array.from(bytes, (character) => character.charCodeAt(0))))
}
