/**
 * The part of xterm that gives input for the process: keys and its own replies as text, and legacy mouse reports as a
 * string of bytes.
 */
export interface InputSource {
  onData(listener: (text: string) => void): unknown
  onBinary(listener: (bytes: string) => void): unknown
}

/**
 * Passes on everything that a terminal sends: typed text, replies that it gives by itself (DSR, DA), and mouse reports
 * of X10, whose coordinates are bytes above 127 that must not be encoded as UTF-8.
 */
export function forwardInput(source: InputSource, onInput: (input: string | Uint8Array) => void): void {
  source.onData(onInput)
  source.onBinary((bytes) => onInput(Uint8Array.from(bytes, (character) => character.charCodeAt(0))))
}
