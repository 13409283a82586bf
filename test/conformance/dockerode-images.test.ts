/**
 * The library dockerode, unmodified, against the engine in a guest, as the reference of Engine API 1.51 and dockerd 28 have
 * it: images, their archives and builds. One guest for all; each file of dockerode/ is a topic.
 */
import { DockerBench } from '../support/docker-bench.ts'
import { describeImages } from './dockerode/images.ts'
import { describeRemovalOfImages } from './dockerode/image-removal.ts'
import { describeImagePulling } from './dockerode/image-pulling.ts'
import { describeImageArchives } from './dockerode/image-archives.ts'
import { describeImageBuilds } from './dockerode/image-builds.ts'

const bench = DockerBench.forThisFile('busybox', 'hello-world')

describeImages(bench)
describeRemovalOfImages(bench)
describeImagePulling(bench)
describeImageArchives(bench)
describeImageBuilds(bench)
