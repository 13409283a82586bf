/**
 * Measures what a visitor's machine bears: the built page in Chromium, opened once with an empty store and once with
 * what the first visit left. Memory and CPU are the kernel's figures of the renderer process that holds page and
 * worker.
 */
import { readFile, readdir } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { launchChromium } from '../lib/machine/chromium.ts'
import { TerminalDriver } from '../lib/machine/terminal-driver.ts'
import { serveSite } from '../serve.ts'

const MIB = 1 << 20
/** Clock ticks a second in /proc/PID/stat: USER_HZ. */
const TICKS = 100
/** Milliseconds over which an idle guest is watched. */
const IDLE_SPAN = 20_000
/** Milliseconds. */
const BOOT_PATIENCE = 240_000

export interface PageFigures {
  first: VisitFigures
  again: VisitFigures
  /** Per cent of one core while the guest has nothing to do, of the worker that runs it and of the whole renderer. */
  idleCpuPercent: { worker: number; renderer: number }
}

interface VisitFigures {
  /** Milliseconds from the navigation to a prompt. */
  openToPrompt: number
  /** Milliseconds from the Enter that ends the visit's first command, a `docker run`, to the container's output. */
  enterToContainer: number
  /** Bytes that came over the network until the prompt. */
  bytesToPrompt: number
  /** Proportional set size of the renderer at the prompt and after the container, MiB. */
  memoryAtPrompt: number
  memoryAfterContainer: number
}

export async function measurePage(): Promise<PageFigures> {
  const site = await serveSite({ port: 0 })
  const others = await renderers()
  const browser = await launchChromium()
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
    const first = await visit(await context.newPage(), site.url, others)
    await first.page.locator('[data-offline="ready"]').waitFor({ timeout: BOOT_PATIENCE })
    await first.page.close()
    const again = await visit(await context.newPage(), site.url, others)
    await again.page.locator('[data-offline="ready"]').waitFor({ timeout: BOOT_PATIENCE })
    const idleCpuPercent = await idleCpu(again.renderer)
    return { first: first.figures, again: again.figures, idleCpuPercent }
  } finally {
    await browser.close()
    await site.close()
  }
}

/** @param others the renderers of browsers that are not ours */
async function visit(page: Page, url: string, others: ReadonlySet<number>) {
  const received = countBytes(page)
  const opened = performance.now()
  await page.goto(`${url}?lang=en`)
  await page.locator('[data-offline]').waitFor({ timeout: BOOT_PATIENCE })
  const terminal = await TerminalDriver.open(page)
  const prompted = performance.now()
  const bytesToPrompt = received()
  const renderer = await largest(others)
  const memoryAtPrompt = await memoryOf(renderer)
  await terminal.type('docker run --rm busybox echo from a container')
  const entered = performance.now()
  await terminal.line('')
  await terminal.see(/^from a container$/m)
  const ran = performance.now()
  // The container's output comes before its end and removal, for which this command waits.
  await terminal.run('true')
  const figures: VisitFigures = {
    openToPrompt: Math.round(prompted - opened),
    enterToContainer: Math.round(ran - entered),
    bytesToPrompt,
    memoryAtPrompt,
    memoryAfterContainer: await memoryOf(renderer),
  }
  return { page, renderer, figures }
}

/** Counts what the page and its worker receive, as encoded on the wire. */
function countBytes(page: Page): () => number {
  let bytes = 0
  page.on('requestfinished', (request) => {
    void request.sizes().then(({ responseBodySize, responseHeadersSize }) => {
      bytes += responseBodySize + responseHeadersSize
    })
  })
  return () => bytes
}

/** Process ids of Chromium's renderers. */
async function renderers(): Promise<Set<number>> {
  const found = new Set<number>()
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const command = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')
    if (command.includes('--type=renderer')) found.add(Number(name))
  }
  return found
}

/** The page's renderer, which holds the machine; Chromium keeps an empty one in reserve beside it. */
async function largest(others: ReadonlySet<number>): Promise<number> {
  const ours = [...(await renderers())].filter((pid) => !others.has(pid))
  const sized = await Promise.all(ours.map(async (pid) => ({ pid, memory: await memoryOf(pid) })))
  return sized.sort((a, b) => b.memory - a.memory)[0]!.pid
}

/** MiB. */
async function memoryOf(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8')
  return Math.round((Number(/^Pss:\s+(\d+)/m.exec(rollup)![1]) * 1024) / MIB)
}

async function idleCpu(pid: number): Promise<PageFigures['idleCpuPercent']> {
  const before = await ticksOf(pid)
  await new Promise((resolve) => setTimeout(resolve, IDLE_SPAN))
  const after = await ticksOf(pid)
  const percent = (ticks: number): number => Math.round((ticks / TICKS / (IDLE_SPAN / 1000)) * 1000) / 10
  return {
    worker: percent(after.worker - before.worker),
    renderer: percent(after.renderer - before.renderer),
  }
}

async function ticksOf(pid: number): Promise<{ worker: number; renderer: number }> {
  let worker = 0
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    const stat = await readFile(`/proc/${pid}/task/${thread}/stat`, 'utf8')
    if (stat.includes('(DedicatedWorker')) worker += ticks(stat)
  }
  return { worker, renderer: ticks(await readFile(`/proc/${pid}/stat`, 'utf8')) }
}

/** utime and stime: fields 14 and 15 of proc_pid_stat(5), counted after the name, which may hold anything. */
function ticks(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}
