/** What of the containers cannot be taken along, each with its reason: a key of the page's texts, `take.left.<reason>`. */
export type LeftReason =
  'anonymous' | 'bindFailed' | 'bindTooLarge' | 'bridge' | 'image' | 'joined' | 'volumeDriver'

export interface Left {
  reason: LeftReason
  /** The service that has it. */
  service: string
  /** What it is: a path, a volume, another container. */
  what: string
}
