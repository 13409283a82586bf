import { expose, transfer } from 'comlink'
import './error-transfer.ts'
import type { MachineApi } from './machine-api.ts'
import type { MachineHost } from './machine-host.ts'

/** Makes a host the surface of this worker; comlink calls methods of the object, and a port has to be declared as transferred. */
export function exposeHost(host: MachineHost): void {
  const api: MachineApi = {
    boot: (options, onProgress) => host.boot(options, onProgress),
    openStream: async (open) => {
      const port = await host.openStream(open)
      return transfer(port, [port])
    },
    prefetch: (images, onProgress, hurry) => host.prefetch(images, onProgress, hurry),
    surveyOffline: () => host.surveyOffline(),
    checkOffline: (onProgress) => host.checkOffline(onProgress),
    fetchRelease: (release, onProgress) => host.fetchRelease(release, onProgress),
    stats: () => host.stats(),
    pause: () => host.pause(),
    resume: () => host.resume(),
    save: (onlyIfWorked) => host.save(onlyIfWorked),
    saveToFile: () => host.saveToFile(),
    openFile: (file) => host.openFile(file),
    forget: () => host.forget(),
    shutdown: () => host.shutdown(),
  }

  // An unhandled rejection is a fault of ours or of v86: the page must learn that the machine is lost.
  self.addEventListener('unhandledrejection', ({ reason }) => {
    setTimeout(() => {
      throw reason
    })
  })

  expose(api)
}
