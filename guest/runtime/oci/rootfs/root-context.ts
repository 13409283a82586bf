/** What the steps of a root file system need to know of the rest of the specification. */
export interface RootContext {
  terminal: boolean
  userNamespace: boolean
  cgroupNamespace: boolean
  cgroupPath: string | undefined
  columns: number
  rows: number
}
