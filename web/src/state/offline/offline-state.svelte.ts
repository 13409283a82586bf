import { EngineError } from '../../../../guest/protocol/errors.ts'
import type { Release } from '../../release/release.ts'
import type { OfflineSurvey } from '../../worker/machine-api.ts'
import type { MachineHandle } from '../machine-handle.ts'
import type { SiteReleases } from './site-releases.ts'

/** What the page asks of the browser for use without a network. */
export interface OfflineBrowser {
  /** Asks that what is kept is never dropped for want of room; false when the browser does not promise it. */
  persist(): Promise<boolean>
  /** Tabs of this site that are open, with this one. */
  tabs(): Promise<number>
  /** Resolves when it is time to look whether the network is back. */
  untilOnline(): Promise<void>
  reload(): void
}

export type OfflineWork = { kind: 'download' | 'check' | 'take'; loaded: number; total: number }

/** What is kept for use without a network: counted, chosen, downloaded, checked; and newer versions of the site. */
export class OfflineState {
  /** Undefined until the browser has answered, and where it keeps nothing. */
  current = $state.raw<Release>()
  /** A newer release than the one in use. */
  newer = $state.raw<Release>()
  survey = $state.raw<OfflineSurvey>()
  /** References of the images that are chosen to be kept. */
  chosen = $state.raw<readonly string[]>([])
  work = $state.raw<OfflineWork>()
  error = $state.raw<EngineError>()
  /** Paths and digests of what the last check found damaged and is not mended yet. */
  damaged = $state.raw<readonly string[]>([])
  /** What the last download mended. */
  mended = $state.raw<readonly string[]>([])
  /** Whether a check has come to its end. */
  isChecked = $state(false)
  persisted = $state<boolean>()
  /** Other tabs that must be closed before a new version is taken. */
  otherTabs = $state(0)
  readonly #releases: SiteReleases | undefined
  readonly #browser: OfflineBrowser
  readonly #isFromNetwork: boolean
  #isMending = false

  /**
   * @param releases undefined where the browser keeps nothing, as on plain HTTP
   * @param isFromNetwork whether no Service Worker had a hand in loading this page
   */
  constructor(releases: SiteReleases | undefined, browser: OfflineBrowser, isFromNetwork: boolean) {
    this.#releases = releases
    this.#browser = browser
    this.#isFromNetwork = isFromNetwork
  }

  get isAvailable(): boolean {
    return this.#releases !== undefined
  }

  /** The bytes that a download of what is chosen would fetch. */
  readonly missing = $derived.by(() => {
    if (this.survey === undefined) return undefined
    const images = this.survey.images.filter(({ reference }) => this.chosen.includes(reference))
    const layers = images.flatMap((image) => image.layers.filter(({ kept }) => !kept))
    const distinct = Object.fromEntries(layers.map(({ id, size }) => [id, size]))
    return Object.values(distinct).reduce((sum, size) => sum + size, this.survey.system.missing)
  })

  /**
   * Keeps the page when none is kept, or when this one came from the network and so is the newest; otherwise looks for a
   * newer one. What fails is told in `error`; without a network nothing happens.
   */
  async begin(): Promise<void> {
    await this.#try(async (releases) => {
      this.current = await releases.current()
      const newest = await releases.newest()
      if (newest === undefined || newest.id === this.current?.id) return
      if (this.current !== undefined && !this.#isFromNetwork) return void (this.newer = newest)
      await releases.keepShell(newest, () => undefined)
      await releases.take(newest)
      this.current = newest
    })
  }

  /** Counts what is kept; the first time, it chooses the images that are kept whole. */
  async look(handle: MachineHandle): Promise<void> {
    await this.#try(() => this.#count(handle))
  }

  async #count(handle: MachineHandle): Promise<void> {
    const isFirst = this.survey === undefined
    this.survey = await handle.api.surveyOffline()
    if (!isFirst) return
    const kept = this.survey.images.filter(({ layers }) => layers.every((layer) => layer.kept))
    this.chosen = kept.map(({ reference }) => reference)
  }

  choose(reference: string, isChosen: boolean): void {
    const others = this.chosen.filter((each) => each !== reference)
    this.chosen = isChosen ? [...others, reference] : others
  }

  /** Fetches page, system and the chosen images. Call it from a click: the browser is asked to keep them for good. */
  async download(handle: MachineHandle): Promise<void> {
    await this.#working('download', async (releases, report) => {
      this.persisted = await this.#browser.persist()
      const release = this.current ?? (await releases.newest())
      if (release) await releases.keepShell(release, () => undefined)
      if (release && this.current === undefined) {
        await releases.take(release)
        this.current = release
      }
      await handle.api.prefetch([...this.chosen], report, true)
      this.mended = this.damaged
      this.damaged = []
      await this.#count(handle)
    })
  }

  /** Compares all that is kept with its digests, and mends what is damaged as soon as there is a network. */
  async check(handle: MachineHandle): Promise<void> {
    this.mended = []
    await this.#working('check', async (releases, report) => {
      if (this.survey === undefined) await this.#count(handle)
      const release = await releases.current()
      const pages = release ? await releases.damaged(release) : []
      const found = await handle.api.checkOffline(report)
      this.damaged = [...pages, ...found.map(({ file }) => file)]
      for (const { image } of found) if (image !== undefined) this.choose(image, true)
      this.isChecked = true
    })
    if (this.damaged.length === 0) return
    await this.download(handle)
    if (!this.#isMending) void this.#mend(handle)
  }

  /** Tries again whenever the site answers, until nothing is damaged. */
  async #mend(handle: MachineHandle): Promise<void> {
    this.#isMending = true
    while (this.damaged.length > 0) {
      await this.#browser.untilOnline()
      // It asks quietly: the dialog would show each attempt, and a screen reader say it.
      if (await this.#siteAnswers()) await this.download(handle)
    }
    this.#isMending = false
  }

  async #siteAnswers(): Promise<boolean> {
    try {
      return (await this.#releases?.newest()) !== undefined
    } catch {
      // What it answers is no release; the download says what is wrong.
      return true
    }
  }

  /**
   * Fetches all of the newer release, makes it the one in use and loads its page. Nothing changes before all is there.
   * @param handle undefined when no machine runs: the newer one then fetches its system when it boots
   */
  async take(handle: MachineHandle | undefined): Promise<void> {
    const { newer } = this
    if (newer === undefined) return
    await this.#working('take', async (releases, report) => {
      this.otherTabs = (await this.#browser.tabs()) - 1
      if (this.otherTabs > 0) return
      await releases.keepShell(newer, report)
      await handle?.api.fetchRelease(newer, report)
      await releases.take(newer)
      this.#browser.reload()
    })
  }

  async #working(
    kind: OfflineWork['kind'],
    work: (releases: SiteReleases, report: (loaded: number, total: number) => void) => Promise<void>,
  ): Promise<void> {
    if (this.work) return
    this.work = { kind, loaded: 0, total: 0 }
    let isOver = false
    const report = (loaded: number, total: number): void => {
      // What the machine's worker reported may arrive after its answer.
      if (!isOver) this.work = { kind, loaded, total }
    }
    await this.#try((releases) => work(releases, report))
    isOver = true
    this.work = undefined
  }

  async #try(work: (releases: SiteReleases) => Promise<void>): Promise<void> {
    if (this.#releases === undefined) return
    this.error = undefined
    try {
      await work(this.#releases)
    } catch (thrown) {
      this.error = EngineError.from(thrown)
    }
  }
}
