/**
 * The library dockerode, unmodified, against the engine in a guest, as the reference of Engine API 1.51 and dockerd 28 have
 * it: processes in running containers, the system, events. One guest for all; each file of dockerode/ is a topic.
 */
import { DockerBench } from '../support/docker-bench.ts'
import { describeExec } from './dockerode/exec.ts'
import { describeSystem } from './dockerode/system.ts'
import { describeEventStream } from './dockerode/events.ts'

const bench = DockerBench.forThisFile('busybox', 'hello-world')

describeExec(bench)
describeSystem(bench)
describeEventStream(bench)
