/** Boot as a list of named steps that yield their progress as data. */
export const BOOT_STEPS = [
  'check', // WebAssembly, memory, storage
  'manifest', // public/guest/manifest.json
  'emulator', // v86.wasm compiled
  'snapshot', // downloaded, verified
  'restore', // unpacked into the machine
  'repair', // clock, random numbers, MAC, channel epoch
  'kernel', // cold boot only: bios, kernel, initramfs downloaded
  'boot', // cold boot only: the kernel boots, init runs
  'engine', // the channel's handshake answered
] as const

export type BootStep = (typeof BOOT_STEPS)[number]

export interface BootProgress {
  step: BootStep
  state: 'running' | 'done' | 'skipped'
  /** Bytes, for steps that download. */
  loaded?: number
  total?: number
  /** A sentence for people: why a step was skipped, for instance why there is a cold boot. */
  notice?: string
}

export type OnBootProgress = (progress: BootProgress) => void
