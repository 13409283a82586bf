import type { V86Internals } from './v86-internals.ts'

/** The part of v86 that yields to events: src/main.js of 0.5.462. */
export type Yielding = Pick<V86Internals['v86'], 'yield' | 'yield_callback' | 'unregister_yield'>

/** How much the guest has to do. */
export interface Workload {
  /** Milliseconds for which the guest has had nothing to do. */
  quietFor(): number
  /** How many slices of about a millisecond the guest has worked since it was started. */
  worked(): number
}

/**
 * Replaces the way in which v86 yields to events after every millisecond of work. In a page v86 sends a message to a
 * worker of its own and back, which are two changes of thread that wait for a core whenever the browser's compilers
 * keep all of them busy. Here the message stays in this thread. (In Node v86 uses `setImmediate`.) Must be called
 * before the machine runs.
 */
export function yieldInPlace(v86: Yielding): Workload {
  v86.unregister_yield()
  const { port1, port2 } = new MessageChannel()
  let timer: ReturnType<typeof setTimeout> | undefined
  let lastBusy = -Infinity
  let slices = 0
  port1.onmessage = ({ data }: MessageEvent<number>) => v86.yield_callback(data)
  // With a `delay` the guest sleeps for as many milliseconds; when something happens earlier, v86 calls again without
  // one.
  v86.yield = (delay, tick) => {
    clearTimeout(timer)
    if (delay >= 1) timer = setTimeout(() => v86.yield_callback(tick), delay)
    else {
      lastBusy = performance.now()
      slices++
      port2.postMessage(tick)
    }
  }
  v86.unregister_yield = () => {
    clearTimeout(timer)
    port1.close()
  }
  return { quietFor: () => performance.now() - lastBusy, worked: () => slices }
}
