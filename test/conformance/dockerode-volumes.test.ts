/**
 * The library dockerode, unmodified, against the engine in a guest, as the reference of Engine API 1.51 and dockerd 28 have
 * it: volumes and mounts. One guest for all; each file of dockerode/ is a topic.
 */
import { DockerBench } from '../support/docker-bench.ts'
import { describeVolumes } from './dockerode/volumes.ts'
import { describeMounts } from './dockerode/mounts.ts'

const bench = DockerBench.forThisFile('busybox', 'hello-world')

describeVolumes(bench)
describeMounts(bench)
