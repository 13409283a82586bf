/**
 * Docker's multiplexed stream: frames of stream number (1 stdout, 2 stderr), three zero bytes, big-endian length, bytes.
 * https://docs.docker.com/reference/api/engine/version/v1.51/#tag/Container/operation/ContainerAttach ("Stream format")
 */
const NUMBER = { stdout: 1, stderr: 2 } as const

export type OutputStream = keyof typeof NUMBER

export function multiplexFrame(stream: OutputStream, bytes: Uint8Array): Uint8Array {
  const frame = new Uint8Array(8 + bytes.length)
  frame[0] = NUMBER[stream]
  new DataView(frame.buffer).setUint32(4, bytes.length)
  frame.set(bytes, 8)
  return frame
}
