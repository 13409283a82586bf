/** Reports how far a pull is, in lines of `docker pull`. */
import type { PullProgress } from '../../../guest/protocol/api/content.ts'

export type OnProgress = (progress: PullProgress) => void
