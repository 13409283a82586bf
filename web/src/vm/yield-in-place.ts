import type { V86Internals } from './v86-internals.ts'

/** The part of v86 that gives way to events: src/main.js of 0.5.462. */
export type Yielding = Pick<V86Internals['v86'], 'yield' | 'yield_callback' | 'unregister_yield'>

/**
 * v86 gives way after every millisecond of work. In a page it does so by a message to a worker of its own and back, two
 * changes of thread each time, and they wait for a core whenever the browser's compilers keep all of them busy. Here the
 * message stays in this thread; Node has `setImmediate`, and v86 uses it. Before the machine runs.
 *
 * @returns milliseconds for which the guest has had nothing to do
 */
export function yieldInPlace(v86: Yielding): () => number {
  v86.unregister_yield()
  const { port1, port2 } = new MessageChannel()
  let timer: ReturnType<typeof setTimeout> | undefined
  let lastBusy = -Infinity
  port1.onmessage = ({ data }: MessageEvent<number>) => v86.yield_callback(data)
  // `delay`: milliseconds that the guest sleeps unless something happens; then there is a later tick, without delay.
  v86.yield = (delay, tick) => {
    clearTimeout(timer)
    if (delay >= 1) timer = setTimeout(() => v86.yield_callback(tick), delay)
    else {
      lastBusy = performance.now()
      port2.postMessage(tick)
    }
  }
  v86.unregister_yield = () => {
    clearTimeout(timer)
    port1.close()
  }
  return () => performance.now() - lastBusy
}
