import { createAssertionReader } from '../../src/assertions/index.ts'
import { httpReceiver } from '../../src/adapters/http/receiver.ts'
import { systemClock } from '../../src/base/index.ts'
import type { FlowFacts, OAuthCredential, Outlet, Principal, Run, Services } from '../../src/flow/index.ts'
import { Body, Exchange } from '../../src/message/index.ts'
import { createLentSecrets } from '../../src/redaction/index.ts'
import { oauthCredential, type ReceiverWorld } from './receiver-world.ts'
import { openReceiver, type RawProperties, services, testRun } from './step.ts'

/** Calls of the HTTP receiver to that world, with what it lends. */
export function receiverCalls(world: ReceiverWorld) {
  const lent = (more: Partial<ReceiverWorld['outbound']> = {}): Services =>
    services({
      outbound: { ...world.outbound, ...more },
      credentials: { userCredential: async (alias) => ({ user: `user of ${alias}`, password: 'pw' }) },
    })

  return {
    lent,
    open: (properties: RawProperties, flow: Partial<FlowFacts> = {}): Promise<Outlet> =>
      openReceiver(httpReceiver, {
        properties: { httpAddressWithoutQuery: `${world.origin}/orders`, allowedRequestHeaders: '*', ...properties },
        context: { services: lent() },
        flow,
      }),
    runOf: (who?: Principal, more: Partial<Run> = {}): Run =>
      testRun({ services: lent(), principal: who, lent: createLentSecrets(), ...more }),
    /** Sends one message and returns the user that the receiver saw. */
    async call(outlet: Outlet, run: Run, exchange = new Exchange({ body: Body.ofText('x') })): Promise<string> {
      await outlet.send(exchange, run)
      return (JSON.parse(exchange.body.text()) as { user: string }).user
    },
    credential(changed: Parameters<typeof oauthCredential>[1] = {}): OAuthCredential {
      const made = oauthCredential(world, changed)
      world.credentials.set(made.alias, made)
      return made
    },
    readerOf: (issuer: string) => strictReader(world, issuer),
  }
}

/** Reads assertions as a strict authorization server would: the issuer is known by the certificate of the key pair. */
function strictReader({ origin, keys: { client } }: ReceiverWorld, issuer: string) {
  const spent = new Set<string>()
  const provider = {
    id: issuer,
    name: issuer,
    issuer,
    description: '',
    enabled: true,
    certificates: [{ fingerprint: client.id, pem: client.chain, from: undefined, until: undefined }],
    jwks: [],
    jwksUri: undefined,
    algorithms: ['RS256', 'ES256'],
    sha1: false,
    userId: { source: 'nameId' as const },
    audiences: [],
    recipients: [],
    defaultAttributes: {},
    attributes: [],
    defaultGroups: [],
    groupRules: [],
    skew: 60,
    clients: [],
    createdBy: '',
    createdAt: 0,
    modifiedBy: '',
    modifiedAt: 0,
  }
  const reader = createAssertionReader({
    providers: { identityProviderOf: (asked) => (asked === issuer ? provider : undefined) },
    spent: { spend: async (_, id) => spent.size < spent.add(id).size },
    clock: systemClock,
  })
  const recipients = [`${origin}/token`]
  const audience = { audiences: ['target.example', ...recipients], recipients, client: [] }
  /** @throws with the check that failed */
  return async (kind: 'saml' | 'jwt', assertion: string): Promise<string> => {
    const read = await reader[kind](assertion, audience)
    if ('failed' in read) throw new Error(`${read.check}: ${read.message} ${read.expected} ${read.found}`)
    return read.user
  }
}
