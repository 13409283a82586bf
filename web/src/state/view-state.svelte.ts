export const PANELS = ['containers', 'images', 'preview', 'namespaces'] as const
export type Panel = (typeof PANELS)[number]

/** What the screen shows: terminals or panel when it is narrow, both when it is wide. */
export class ViewState {
  panel = $state<Panel>('containers')
  /** Whether the panel, not the terminal, is in front on a narrow screen. */
  panelInFront = $state(false)
  /** The container whose details are open. */
  containerId = $state<string>()
  /** Whether the images panel shows the builder. */
  building = $state(false)
  previewPort = $state<number>()
  /** The terminals' share of the width of a wide screen. */
  split = $state(0.56)
  aboutOpen = $state(false)

  show(panel: Panel): void {
    this.panel = panel
    this.panelInFront = true
  }

  /** Goes back to the panel's list. */
  closeDetail(): void {
    this.containerId = undefined
    this.building = false
  }

  openContainer(id: string): void {
    this.containerId = id
    this.show('containers')
  }

  openPreview(port: number): void {
    this.previewPort = port
    this.show('preview')
  }

  showTerminal(): void {
    this.panelInFront = false
  }
}
