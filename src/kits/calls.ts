/** An address that the client may call. */
export interface KitEndpoint {
  /** Base and address as a flow serves it, such as `/http/orders` or `/http/orders/*`. */
  readonly address: string
  /** Empty where every method is taken. */
  readonly methods: readonly string[]
}

/** One call as a client makes it. */
export interface Call {
  readonly method: string
  /** With a leading slash, percent-encoded. */
  readonly path: string
  /** More may follow the path. */
  readonly open: boolean
  readonly hasBody: boolean
}

/** How the client shows who it is. `keyless`: it has the private key, the kit has not. */
export type Proof = 'secret' | 'certificate' | 'keyless'

/** One call for each address. A client of the management API has that one address. */
export function callsOf(endpoints: readonly KitEndpoint[], plan: 'integration-flow' | 'api'): readonly Call[] {
  if (plan === 'api') return [{ method: 'GET', path: '/api/v1/', open: true, hasBody: false }]
  return endpoints.map(({ address, methods }) => {
    const wanted = methods.map((each) => each.toUpperCase())
    const method = wanted.length === 0 || wanted.includes('POST') ? 'POST' : (wanted[0] ?? 'POST')
    const { pathname: path } = new URL(address.replace(/\*$/, '').replace(/^\/*/, '/'), 'https://host')
    return { method, path, open: address.endsWith('*'), hasBody: ['POST', 'PUT', 'PATCH'].includes(method) }
  })
}
