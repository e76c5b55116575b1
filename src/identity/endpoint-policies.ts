import type { Clock } from '../base/index.ts'
import type { Managed } from './contracts.ts'
import { faults } from './faults.ts'
import { authored, listProblems } from './names.ts'
import { networkProblems, readNetworks } from './networks.ts'
import type { EndpointPolicy } from './records.ts'
import type { Registry, View } from './registry.ts'
import { methodsProblems, oneOf, rateProblems } from './tenant-policy.ts'

type Request = Partial<EndpointPolicy> & { readonly address: string }

/** An address as flows and the API serve it: a base, then segments, perhaps with `/*` at the end. */
const served =
  /^\/(?:(?:http|cxf)(?:\/[a-z0-9_~.$-]+)+(?:\/\*)?|(?:http|cxf)\/\*|as2(?:\/[a-z0-9_~.$-]+)*(?:\/\*)?|api\/v1)$/
const methodsOfHeader = ['clientSecret', 'password', 'bearer']

/** What holds for single addresses besides. */
export function createEndpointPolicies({
  registry,
  clock,
}: {
  readonly registry: Registry
  readonly clock: Clock
}): Managed<EndpointPolicy, Request> {
  function present(view: View, id: string): EndpointPolicy {
    const policy = view.of('endpointPolicy').get(id.toLowerCase())
    if (policy === undefined) throw faults.endpointPolicyUnknown({ address: id })
    return policy
  }

  /** `null`, as JSON says undefined, takes a setting back. */
  function read(
    change: Partial<EndpointPolicy>,
    from: Omit<EndpointPolicy, 'createdBy' | 'createdAt' | 'modifiedBy' | 'modifiedAt'>,
  ) {
    const next = {
      address: from.address,
      methods: ('methods' in change ? change.methods : from.methods) ?? undefined,
      require: change.require ?? from.require,
      networks: change.networks ?? from.networks,
      channelCertificates:
        ('channelCertificates' in change ? change.channelCertificates : from.channelCertificates) ?? undefined,
      rate: change.rate ?? from.rate,
    }
    const problems = [...unknownProblems(change), ...problemsOf(next)]
    if (problems.length > 0) throw faults.policyInvalid({ problems })
    return {
      ...next,
      methods: next.methods && [...new Set(next.methods)],
      networks: readNetworks(next.networks),
    }
  }

  return {
    list: () => [...registry.view().of('endpointPolicy').values()],
    find: (address) => registry.view().of('endpointPolicy').get(address.toLowerCase()),
    create: (request, author) =>
      registry.change((draft) => {
        const address = addressOf(request.address)
        const policy = read(request, { ...open, address })
        if (draft.of('endpointPolicy').has(address)) throw faults.endpointPolicyTaken({ address })
        return draft.put('endpointPolicy', { ...policy, ...authored(author, clock.now()) })
      }),
    update: (id, change, author) =>
      registry.change((draft) => {
        const from = present(draft, id)
        if (change.address !== undefined && addressOf(change.address) !== from.address)
          throw faults.policyInvalid({ problems: ['address cannot be changed'] })
        return draft.put('endpointPolicy', { ...read(change, from), ...authored(author, clock.now(), from) })
      }),
    remove: (id) =>
      registry.change((draft) => {
        const { address } = present(draft, id)
        draft.drop('endpointPolicy', address)
      }),
  }
}

/** Routes are compared in lower case. */
const addressOf = (address: unknown): string => (typeof address === 'string' ? address.toLowerCase() : '')

const open = {
  methods: undefined,
  require: 'any',
  networks: [],
  channelCertificates: undefined,
  rate: { perSecond: 0, burst: 0 },
} as const

const names = new Set(['address', ...Object.keys(open), ...Object.keys(authored('', 0))])

const unknownProblems = (change: object): readonly string[] =>
  Object.keys(change)
    .filter((name) => !names.has(name))
    .map((name) => `'${name}' is not known`)

function problemsOf(policy: Pick<EndpointPolicy, keyof typeof open | 'address'>): readonly string[] {
  const { address, methods, require, networks, channelCertificates, rate } = policy
  const ofHeader = Array.isArray(methods) ? methods.filter((method) => methodsOfHeader.includes(method)) : []
  return [
    ...(served.test(address)
      ? []
      : [`address '${address}' must begin with /http/, /cxf/ or /as2, as a flow serves it, or be /api/v1`]),
    ...(methods === undefined ? [] : methodsProblems(methods)),
    ...oneOf('require', require, ['any', 'all']),
    ...(require === 'all' && methods === undefined ? ['require all needs methods'] : []),
    ...(require === 'all' && new Set(ofHeader).size > 1
      ? [`require all: one call cannot prove ${ofHeader.join(' and ')}, which share a header`]
      : []),
    ...listProblems('networks', networks, (text) => networkProblems('networks', text)),
    ...(channelCertificates === undefined
      ? []
      : oneOf('channelCertificates', channelCertificates, ['registered', 'names'])),
    ...rateProblems('rate', rate),
  ]
}
