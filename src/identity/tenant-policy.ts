import type { Clock } from '../base/index.ts'
import type { Identity } from './contracts.ts'
import { faults } from './faults.ts'
import { authored, listProblems } from './names.ts'
import { networkProblems, readNetworks } from './networks.ts'
import { publisherProblems, readPublishers } from './publishers.ts'
import type { Method, Rate, TenantPolicy } from './records.ts'
import type { Registry, View } from './registry.ts'

const methods: readonly Method[] = ['certificate', 'clientSecret', 'password', 'bearer']
/** Which codes there are is known where the rules are. */
const lintCode = /^[A-Za-z][\w.-]{0,99}$/
const unlimited: Rate = { perSecond: 0, burst: 0 }

const defaults: TenantPolicy = {
  methods,
  networks: [],
  certificateOutside: undefined,
  pinOnRegistration: true,
  publicRoots: true,
  revocation: 'off',
  minimumRsaBits: 2048,
  channelCertificates: 'registered',
  serverNameRequired: false,
  lockAfter: 0,
  rates: { client: unlimited, endpoint: unlimited, tenant: unlimited },
  capabilities: 'allow',
  lintStop: [],
  publishers: [],
  requireSignature: false,
  groovy: 'auto',
  scriptNetworks: [],
}
const names = Object.keys(defaults) as readonly (keyof TenantPolicy)[]

/** The policy of the tenant, with the defaults where nothing was said. */
export function policyOf(view: View): TenantPolicy {
  const stored = view.of('tenantPolicy').get('tenant')
  if (stored === undefined) return defaults
  return Object.fromEntries(names.map((name) => [name, stored[name] ?? defaults[name]])) as unknown as TenantPolicy
}

/** What holds for all addresses of the tenant. */
export function createTenantPolicy(given: {
  readonly registry: Registry
  readonly clock: Clock
}): Identity['tenantPolicy'] {
  const { registry, clock } = given
  return {
    get: () => policyOf(registry.view()),
    set: (change, author) =>
      registry.change((draft) => {
        const stored = draft.of('tenantPolicy').get('tenant')
        const present = policyOf(draft)
        const known = Object.entries(change).filter(
          ([name, value]) => value !== undefined || name === 'certificateOutside',
        )
        const next: TenantPolicy = { ...present, ...Object.fromEntries(known) }
        const rates = change.rates === undefined ? present.rates : { ...present.rates, ...change.rates }
        const problems = problemsOf({ ...next, rates })
        if (problems.length > 0) throw faults.policyInvalid({ problems })
        // `null` is how JSON says undefined.
        const certificateOutside = next.certificateOutside ?? undefined
        draft.put('tenantPolicy', {
          ...stored,
          ...next,
          methods: [...new Set(next.methods)],
          networks: readNetworks(next.networks),
          certificateOutside: certificateOutside && readNetworks(certificateOutside),
          lintStop: [...new Set(next.lintStop)],
          publishers: readPublishers(next.publishers),
          scriptNetworks: readNetworks(next.scriptNetworks),
          rates,
          ...authored(author, clock.now(), stored),
        })
        return policyOf(draft)
      }),
  }
}

function problemsOf(policy: TenantPolicy): readonly string[] {
  const { certificateOutside, rates, lockAfter } = policy
  const unknown = Object.keys(policy).filter((name) => !names.includes(name as keyof TenantPolicy))
  return [
    ...unknown.map((name) => `'${name}' is not known`),
    ...methodsProblems(policy.methods),
    ...listProblems('networks', policy.networks, (text) => networkProblems('networks', text)),
    ...listProblems('certificateOutside', certificateOutside ?? [], (text) =>
      networkProblems('certificateOutside', text),
    ),
    ...(['pinOnRegistration', 'publicRoots', 'serverNameRequired', 'requireSignature'] as const)
      .filter((name) => typeof policy[name] !== 'boolean')
      .map((name) => `${name} must be true or false`),
    ...oneOf('revocation', policy.revocation, ['off', 'soft', 'hard']),
    ...oneOf('minimumRsaBits', policy.minimumRsaBits, [2048, 3072, 4096]),
    ...oneOf('channelCertificates', policy.channelCertificates, ['registered', 'names']),
    ...oneOf('capabilities', policy.capabilities, ['allow', 'approval', 'fourEyes']),
    ...listProblems('lintStop', policy.lintStop, (code) =>
      lintCode.test(code) ? [] : [`lintStop has '${code}', which is no code of a rule`],
    ),
    ...listProblems('publishers', policy.publishers, publisherProblems),
    ...(policy.requireSignature && policy.publishers.length === 0
      ? ['requireSignature needs publishers: nobody could sign']
      : []),
    ...oneOf('groovy', policy.groovy, ['auto', '2.4', '4']),
    ...listProblems('scriptNetworks', policy.scriptNetworks, (text) => networkProblems('scriptNetworks', text)),
    ...(Number.isInteger(lockAfter) && lockAfter >= 0 && lockAfter <= 100 ? [] : ['lockAfter needs 0 to 100']),
    ...Object.keys(rates)
      .filter((name) => !(name in defaults.rates))
      .map((name) => `'rates.${name}' is not known`),
    ...(['client', 'endpoint', 'tenant'] as const).flatMap((name) => rateProblems(`rates.${name}`, rates[name])),
  ]
}

/** At least one way to call must be left. */
export const methodsProblems = (given: unknown): readonly string[] => [
  ...listProblems('methods', given, (method) => oneOf('methods', method, methods)),
  ...(Array.isArray(given) && given.length === 0 ? ['methods needs at least one'] : []),
]

export const oneOf = (what: string, given: unknown, known: readonly unknown[]): readonly string[] =>
  known.includes(given) ? [] : [`${what}: '${String(given)}' is none of ${known.join(', ')}`]

export function rateProblems(what: string, rate: unknown): readonly string[] {
  const { perSecond, burst } = (rate ?? {}) as Partial<Rate>
  const fine = [perSecond, burst].every((each) => Number.isFinite(each) && Number(each) >= 0)
  return fine && Number.isInteger(burst) ? [] : [`${what} needs perSecond and burst of 0 or more, burst in whole calls`]
}
