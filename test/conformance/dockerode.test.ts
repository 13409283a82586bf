/**
 * The library dockerode, unmodified, against the engine in a guest: the Engine API 1.51 as its reference and dockerd 28
 * have it. One guest for all; each file of dockerode/ is a topic.
 */
import { describe } from 'vitest'
import { DockerBench } from '../support/docker-bench.ts'
import { describeContainerChanges } from './dockerode/container-changes.ts'
import { describeContainerMeasures } from './dockerode/container-measures.ts'
import { describeImagePulling } from './dockerode/image-pulling.ts'
import { describeRemovalOfImages } from './dockerode/image-removal.ts'
import { describeNetworkEndpoints } from './dockerode/network-endpoints.ts'
import { describeImageBuilds } from './dockerode/image-builds.ts'
import { describeListingOfNetworks } from './dockerode/network-listing.ts'
import { describeContainerConfiguration } from './dockerode/container-configuration.ts'
import { describeContainerEffects } from './dockerode/container-effects.ts'
import { describeContainerLife } from './dockerode/container-life.ts'
import { describeContainerListing } from './dockerode/container-listing.ts'
import { describeContainerRefusals } from './dockerode/container-refusals.ts'
import { describeContainerStreams } from './dockerode/container-streams.ts'
import { describeImageArchives } from './dockerode/image-archives.ts'
import { describeImages } from './dockerode/images.ts'
import { describeMounts } from './dockerode/mounts.ts'
import { describeNetworkTraffic } from './dockerode/network-traffic.ts'
import { describeNetworks } from './dockerode/networks.ts'
import { describeVolumes } from './dockerode/volumes.ts'

const bench = DockerBench.forThisFile('busybox', 'hello-world')

describe('containers', () => {
  describeContainerConfiguration(bench)
  describeContainerRefusals(bench)
  describeContainerEffects(bench)
  describeContainerLife(bench)
  describeContainerChanges(bench)
  describeContainerListing(bench)
  describeContainerMeasures(bench)
  describeContainerStreams(bench)
})

describe('images', () => {
  describeImages(bench)
  describeRemovalOfImages(bench)
  describeImagePulling(bench)
  describeImageArchives(bench)
  describeImageBuilds(bench)
})

describe('networks', () => {
  describeNetworks(bench)
  describeListingOfNetworks(bench)
  describeNetworkTraffic(bench)
  describeNetworkEndpoints(bench)
})

describe('volumes', () => {
  describeVolumes(bench)
  describeMounts(bench)
})
