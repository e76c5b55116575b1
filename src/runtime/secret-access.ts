import type { KeyObject } from 'node:crypto'

import type {
  AccessTokenService,
  FlowFacts,
  GrantKind,
  LentSecret,
  OAuthCredential,
  OutboundService,
  Run,
  ScriptPermits,
  SecretServices,
  SecretUse,
  UserCredential,
} from '../flow/index.ts'
import { faults } from './faults.ts'
import type { Called, Wanted } from './flow-grants.ts'

/**
 * What the audit log learns of a secret that was asked for; at most one a message, alias and use. Of what else scripts
 * call it learns only when they are refused.
 */
export interface SecretRead {
  readonly flowId: string
  readonly messageId: string
  readonly kind: GrantKind | Called['kind']
  /** Its alias, or the name of what was called. */
  readonly alias: string
  /** `use` by an adapter or a step; `read` by a script, which sees it. */
  readonly use: SecretUse
  readonly granted: boolean
}

/** The stores themselves, which ask nobody. */
export interface SecretSources extends SecretServices {
  readonly outbound: OutboundService
  readonly accessTokens?: AccessTokenService
}

interface Given {
  readonly sources: SecretSources
  readonly mayHave: (flow: FlowFacts, wanted: Wanted) => boolean
  readonly mayCall: (flow: FlowFacts, called: Called) => boolean
  readonly secretRead: ((read: SecretRead) => void) | undefined
}

/** Secrets for flows and, by a grant of their own, for scripts: granted, audited, and remembered to be kept out of what is recorded. */
export const guardSecrets = (
  given: Given,
): { readonly forFlows: SecretSources; readonly forScripts: SecretServices; readonly permits: ScriptPermits } => {
  const asked = askOnce('use', given)
  const askedByScripts = askOnce('read', given)
  const { accessTokens } = given.sources
  return {
    forFlows: {
      ...guardFor('use', given, asked),
      outbound: guardOutbound(given, asked),
      ...(accessTokens && { accessTokens: guardTokens(accessTokens, askedByScripts) }),
    },
    forScripts: guardFor('read', given, askedByScripts),
    permits: permitsFor(given),
  }
}

type Ask = <Secret>(
  what: keyof typeof words,
  alias: string,
  run: Run,
  lend: () => Promise<Secret>,
  implied?: boolean,
) => Promise<Secret>

/** Asks once for each message: for the grant, the audit log and the store. */
function askOnce(use: SecretUse, { mayHave, secretRead }: Given): Ask {
  /** What was lent to a message; nothing outlives it. */
  const lent = new WeakMap<Run, Map<string, Promise<unknown>>>()

  async function ask(what: keyof typeof words, alias: string, { flow, messageId }: Run, implied: boolean) {
    const { kind, name } = words[what]
    const granted = mayHave(flow, { kind, alias, use, ...(implied && { implied }) })
    secretRead?.({ flowId: flow.id, messageId, kind, alias, use, granted })
    if (granted) return
    if (kind === 'impersonation') throw faults.impersonationMissing({ flow: flow.id, alias })
    throw faults.grantMissing({ flow: flow.id, what: name, alias, use })
  }

  return <Secret>(
    what: keyof typeof words,
    alias: string,
    run: Run,
    lend: () => Promise<Secret>,
    implied = false,
  ): Promise<Secret> => {
    let own = lent.get(run)
    if (own === undefined) lent.set(run, (own = new Map()))
    const key = `${what} ${implied} ${alias}`
    const before = own.get(key)
    if (before !== undefined) return before as Promise<Secret>
    const asked = ask(what, alias, run, implied).then(lend)
    own.set(key, asked)
    // What failed may be there the next time.
    asked.catch(() => own.delete(key))
    return asked
  }
}

function guardFor(use: SecretUse, { sources }: Given, once: Ask): SecretServices {
  return {
    credentials: {
      userCredential: (alias, run) =>
        once('credential', alias, run, async () => {
          const credential = await sources.credentials.userCredential(alias, run)
          run.lent.add(secretOfCredential(alias, credential))
          return credential
        }),
      secureParameter: (alias, run) =>
        once('parameter', alias, run, async () => {
          const value = await sources.credentials.secureParameter(alias, run)
          run.lent.add({ alias, user: '', values: [value] })
          return value
        }),
    },
    keys: {
      privateKey: (alias, run) =>
        once('key', alias, run, async () => {
          const key = await sources.keys.privateKey(alias, run)
          // A handle shows nothing of the key; a script gets its bytes.
          if (key !== undefined && use === 'read') run.lent.add(secretOfKey(alias, key))
          return key
        }),
      certificateChain: (alias, run) =>
        once('certificate', alias, run, () => sources.keys.certificateChain(alias, run)),
    },
  }
}

const permitsFor = ({ mayCall, secretRead }: Given): ScriptPermits => ({
  permit(called, { flow, messageId }) {
    if (mayCall(flow, called)) return
    const { kind, name } = called
    secretRead?.({ flowId: flow.id, messageId, kind, alias: name, use: 'read', granted: false })
    throw faults.capabilityMissing({ flow: flow.id, what: calledWords[kind], name })
  },
})

const calledWords = {
  partnerDirectory: 'partner directory entry',
  valueMapping: 'value mapping',
  numberRange: 'number range',
  host: 'host',
} as const satisfies Record<Called['kind'], string>

/** Only scripts ask for them, and they see them. */
const guardTokens = (accessTokens: AccessTokenService, once: Ask): AccessTokenService => ({
  token: (grant, alias, run) =>
    once(grant, alias, run, async () => {
      const token = await accessTokens.token(grant, alias, run)
      run.lent.add({ alias, user: '', values: [token.accessToken] })
      return token
    }),
})

/** The key pair that flows show unless their channels name another: nobody needs to name it. */
const ofSystem = 'sap_cloudintegrationcertificate'

function guardOutbound({ sources: { outbound } }: Given, once: Ask): OutboundService {
  /** What a message was lent, so that nobody hands in a credential of his own making. */
  const credentials = new WeakMap<Run, Set<OAuthCredential>>()
  /** By credential, its last token as a secret: the same object for every message. */
  const tokens = new Map<string, LentSecret>()

  return {
    ...outbound,
    async oauthCredential(alias, run) {
      await once('oauthCredential', alias, run, async () => {})
      const credential = await outbound.oauthCredential(alias, run)
      const own = credentials.get(run) ?? new Set()
      credentials.set(run, own.add(credential))
      run.lent.add(secretOfOAuth(credential))
      return credential
    },
    async accessToken(alias, run, refused) {
      await once('oauthCredential', alias, run, async () => {})
      const token = await outbound.accessToken(alias, run, refused)
      let secret = tokens.get(alias)
      if (secret?.values[0] !== token) tokens.set(alias, (secret = { alias, user: '', values: [token] }))
      run.lent.add(secret)
      return token
    },
    async keyPair(alias, run, of) {
      const named = of !== undefined && credentials.get(run)?.has(of) === true && of.shown['keyPairAlias'] === alias
      await once('keyPair', alias || ofSystem, run, async () => {}, alias === '' || named)
      return outbound.keyPair(alias || ofSystem, run)
    },
    mayImpersonate: (alias, run) => once('impersonation', alias, run, async () => {}),
  }
}

const words = {
  oauthCredential: { kind: 'credential', name: 'OAuth credential' },
  authorizationCode: { kind: 'credential', name: 'access token of an OAuth2 Authorization Code' },
  clientCredentials: { kind: 'credential', name: 'access token of OAuth2 Client Credentials' },
  keyPair: { kind: 'key', name: 'key pair' },
  impersonation: { kind: 'impersonation', name: 'impersonation' },
  credential: { kind: 'credential', name: 'credential' },
  parameter: { kind: 'credential', name: 'secure parameter' },
  key: { kind: 'key', name: 'private key' },
  certificate: { kind: 'key', name: 'certificate' },
} as const

/** By what the store lends: stores keep what they have opened, so that it is prepared once and not once a message. */
const known = new WeakMap<object, LentSecret>()

function remembered(source: object, secret: () => LentSecret): LentSecret {
  const before = known.get(source)
  if (before !== undefined) return before
  const made = secret()
  known.set(source, made)
  return made
}

const secretOfCredential = (alias: string, credential: UserCredential): LentSecret =>
  remembered(credential, () => ({ alias, user: credential.user, values: [credential.password] }))

const secretOfOAuth = (credential: OAuthCredential): LentSecret =>
  remembered(credential, () => ({
    alias: credential.alias,
    user: credential.shown['clientId'] ?? credential.shown['tokenServiceUser'] ?? '',
    values: Object.values(credential.secret).filter((value) => value !== ''),
  }))

const secretOfKey = (alias: string, key: KeyObject): LentSecret =>
  remembered(key, () => ({ alias, user: '', values: [...encodingsOf(key), ...numbersOf(key)] }))

/** PKCS#8, and the older encodings of its kind. */
function encodingsOf(key: KeyObject): readonly Buffer[] {
  const der = key.export({ format: 'der', type: 'pkcs8' })
  if (key.asymmetricKeyType === 'rsa') return [der, key.export({ format: 'der', type: 'pkcs1' })]
  if (key.asymmetricKeyType === 'ec') return [der, key.export({ format: 'der', type: 'sec1' })]
  return [der]
}

/** The private numbers of a key, as bytes and in decimal: libraries print and write keys in these forms, too. */
function numbersOf(key: KeyObject): readonly (string | Buffer)[] {
  if (!['rsa', 'ec', 'ed25519', 'ed448', 'x25519', 'x448'].includes(key.asymmetricKeyType ?? '')) return []
  const { d, p, q, dp, dq, qi } = key.export({ format: 'jwk' })
  return [d, p, q, dp, dq, qi]
    .filter((part) => part !== undefined)
    .map((part) => Buffer.from(part, 'base64url'))
    .flatMap((bytes) => [bytes, BigInt(`0x${bytes.toString('hex')}`).toString()])
}
