/**
 * The library dockerode, unmodified, against the engine in a guest, as the reference of Engine API 1.51 and dockerd 28 have
 * it: configuration, life, listing, measures and streams of containers. One guest for all; each file of dockerode/ is a topic.
 */
import { DockerBench } from '../support/docker-bench.ts'
import { describeContainerConfiguration } from './dockerode/container-configuration.ts'
import { describeContainerRefusals } from './dockerode/container-refusals.ts'
import { describeContainerEffects } from './dockerode/container-effects.ts'
import { describeContainerLife } from './dockerode/container-life.ts'
import { describeContainerChanges } from './dockerode/container-changes.ts'
import { describeContainerListing } from './dockerode/container-listing.ts'
import { describeContainerMeasures } from './dockerode/container-measures.ts'
import { describeContainerStreams } from './dockerode/container-streams.ts'

const bench = DockerBench.forThisFile('busybox', 'hello-world')

describeContainerConfiguration(bench)
describeContainerRefusals(bench)
describeContainerEffects(bench)
describeContainerLife(bench)
describeContainerChanges(bench)
describeContainerListing(bench)
describeContainerMeasures(bench)
describeContainerStreams(bench)
