/** The whole Engine API over an engine of fakes. */
import { BuildService } from '../docker/build/build-service.ts'
import { engineApiRoutes } from '../docker/api/engine-api-routes.ts'
import { inProcessTransport } from '../docker/api/in-process-transport.ts'
import { Router } from '../docker/api/router.ts'
import { ImageService } from '../docker/image/image-service.ts'
import { RegistryService } from '../docker/image/registry-service.ts'
import { enginePaths } from '../host/engine-paths.ts'
import { memoryContent } from '../host/channel/memory-content.ts'
import { IMAGE, testEngine } from './test-engine.ts'

export type TestApi = ReturnType<typeof testApi>

export function testApi() {
  const engine = testEngine()
  const content = memoryContent([IMAGE], [IMAGE])
  const { publish } = engine.context.events
  const images = new ImageService({
    content,
    paths: enginePaths(),
    publish,
    now: () => engine.clock.now(),
    users: () => [],
  })
  const router = new Router(
    engineApiRoutes(
      engine.context,
      images,
      new RegistryService({ content, images, publish }),
      async () => new BuildService(engine.context, images),
    ),
    (_, error) => void engine.reported.push(error),
  )
  return {
    engine,
    router,
    transport: inProcessTransport(router, (error) => void engine.reported.push(error)),
  }
}
