/**
 * The library testcontainers, unmodified, against the engine in a guest, with published ports on this host's loopback.
 * One guest for all; each file of testcontainers/ is a topic.
 */
import { TestcontainersBench } from '../support/testcontainers-bench.ts'
import { describeBuilds } from './testcontainers/builds.ts'
import { describeFiles } from './testcontainers/files.ts'
import { describeNetworks } from './testcontainers/networks.ts'
import { describeRunning } from './testcontainers/running.ts'
import { describeSettings } from './testcontainers/settings.ts'
import { describeWaiting } from './testcontainers/waiting.ts'

const bench = TestcontainersBench.forThisFile()

describeRunning(bench)
describeSettings(bench)
describeFiles(bench)
describeWaiting(bench)
describeNetworks(bench)
describeBuilds(bench)
