export const PANELS = ['containers', 'images', 'preview', 'namespaces'] as const
export type Panel = (typeof PANELS)[number]

/** What is on the screen: on narrow screens one of terminal or panel, on wide ones both. */
export class ViewState {
  panel = $state<Panel>('containers')
  /** Narrow screens: whether the panel, not the terminal, is in front. */
  panelInFront = $state(false)
  /** The container whose details are open. */
  containerId = $state<string>()
  /** Whether the images panel shows the builder. */
  building = $state(false)
  previewPort = $state<number>()
  /** Share of the width that the terminals have, on wide screens. */
  split = $state(0.56)
  aboutOpen = $state(false)

  show(panel: Panel): void {
    this.panel = panel
    this.panelInFront = true
  }

  /** Back to the list that the panel is at first. */
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
