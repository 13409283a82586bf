/**
 * The library dockerode, unmodified, against the engine in a guest, as the reference of Engine API 1.51 and dockerd 28 have
 * it: networks, their endpoints and traffic. One guest for all; each file of dockerode/ is a topic.
 */
import { DockerBench } from '../support/docker-bench.ts'
import { describeNetworks } from './dockerode/networks.ts'
import { describeListingOfNetworks } from './dockerode/network-listing.ts'
import { describeNetworkTraffic } from './dockerode/network-traffic.ts'
import { describeNetworkEndpoints } from './dockerode/network-endpoints.ts'

const bench = DockerBench.forThisFile('busybox', 'hello-world')

describeNetworks(bench)
describeListingOfNetworks(bench)
describeNetworkTraffic(bench)
describeNetworkEndpoints(bench)
