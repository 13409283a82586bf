/**
 * The kernel's command line. `porthole.build` is how the engine learns the build id: it cannot be in the trees that the
 * id is a hash of. Reasons:
 * - tsc=reliable: v86's TSC follows the host's clock; the kernel's watchdog would find it unstable whenever a tab stalls
 * - mitigations=off: nothing speculates here
 * - random.trust_cpu=on: RDRAND is the host's CSPRNG
 * - panic=-1 is left out: a panic must stay readable on the console, not become a silent reboot
 */
export function kernelCommandLine(buildId: string): string {
  const options = [
    'console=hvc0',
    'quiet',
    'tsc=reliable',
    'mitigations=off',
    'random.trust_cpu=on',
    `porthole.build=${buildId}`,
  ]
  return options.join(' ')
}
