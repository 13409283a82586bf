export const PANELS = ['containers', 'images', 'preview', 'namespaces'] as const
export type Panel = (typeof PANELS)[number]

/** Details of a container. */
export const DETAIL_TABS = ['logs', 'inspect', 'mounts', 'exec', 'stats', 'timeline'] as const
export type DetailTab = (typeof DETAIL_TABS)[number]

/** What the screen shows: one part when it is narrow, all when it is wide. */
export class ViewState {
  panel = $state<Panel>('containers')
  /** The panels that can be chosen. */
  panels = $state.raw<readonly Panel[]>(PANELS)
  /** The part that is in front on a narrow screen. */
  front = $state<'terminal' | 'panel' | 'lesson'>('terminal')
  /** Whether only the panels' tabs are shown; beside a lesson the terminal may need the room. */
  folded = $state(false)
  /** The container whose details are open, and which of them. */
  containerId = $state<string>()
  detailTab = $state<DetailTab>('logs')
  /** Whether the images panel shows the builder. */
  building = $state(false)
  previewPort = $state<number>()
  /** The terminals' share of the width of a wide screen. */
  split = $state(0.56)
  aboutOpen = $state(false)
  /** Whether the dialog of the machine as it is kept is open. */
  machineOpen = $state(false)

  show(panel: Panel): void {
    this.panel = panel
    this.front = 'panel'
    this.folded = false
  }

  /** Goes back to the panel's list. */
  closeDetail(): void {
    this.containerId = undefined
    this.building = false
  }

  openContainer(id: string, tab?: DetailTab): void {
    this.containerId = id
    if (tab !== undefined) this.detailTab = tab
    this.show('containers')
  }

  openPreview(port: number): void {
    this.previewPort = port
    this.show('preview')
  }

  showTerminal(): void {
    this.front = 'terminal'
  }

  showLesson(): void {
    this.front = 'lesson'
  }
}
