/** How a pull tells how far it is: lines of `docker pull`. */
import type { PullProgress } from '../../../guest/protocol/api/content.ts'

export type OnProgress = (progress: PullProgress) => void
