import type { Services } from '../api/index.ts'
import type { Audit } from '../audit/index.ts'
import { type Clock, Fault } from '../base/index.ts'
import { type Keystore, readCertificates } from '../keystore/index.ts'
import type { Secrets } from '../secrets/index.ts'
import type { Settings } from '../settings/index.ts'

/**
 * Connectivity tests with the keys and credentials of the tenant. The room is loaded with the first test: its protocols
 * take several megabytes.
 */
export function createLazyConnectivity(given: {
  readonly keystore: Keystore
  readonly secrets: Secrets
  readonly audit: Audit
  readonly settings: Settings
  readonly clock: Clock
  /** Ends the tests that run. */
  readonly signal: AbortSignal
}): Services['connectivity'] {
  const { keystore, secrets, audit, settings, clock, signal } = given
  let made: Promise<Services['connectivity']> | undefined

  async function make(): Promise<Services['connectivity']> {
    const { createConnectivity, createReach, createTestGate, systemResolve } = await import('../connectivity/index.ts')
    return createConnectivity({
      gate: createTestGate({ clock, perMinute: 20, concurrent: 4 }),
      audit: ({ who, kind, host, port, outcome }) =>
        audit.record({
          user: who,
          action: 'Test',
          objectType: 'Connectivity Test',
          objectId: `${kind} ${host}:${port}`,
          attributes: { outcome },
        }),
      context: {
        clock,
        signal,
        resolve: systemResolve,
        mayReach: createReach({ allowed: settings.connectivityNetworks }),
        keyPair: (alias) => orUndefined(() => keystore.lend(alias)),
        userCredential: (alias) => orUndefined(() => secrets.userCredential(alias)),
        trusted: async () =>
          (await keystore.list())
            .filter(({ type }) => type === 'certificate')
            .flatMap(({ chain }) => readCertificates(chain)),
        knownHosts: async () => secrets.knownHosts.text(),
      },
    })
  }

  return { run: async (test) => (await (made ??= make())).run(test) }
}

async function orUndefined<Lent>(lend: () => Promise<Lent>): Promise<Lent | undefined> {
  try {
    return await lend()
  } catch (error) {
    if (error instanceof Fault && error.kind === 'missing') return undefined
    throw error
  }
}
