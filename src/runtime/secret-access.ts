import type { KeyObject } from 'node:crypto'

import type { FlowFacts, GrantKind, LentSecret, Run, SecretServices, SecretUse, UserCredential } from '../flow/index.ts'
import { faults } from './faults.ts'
import type { Wanted } from './flow-grants.ts'

/** What the audit log learns of a secret that was asked for; at most one a message, alias and use. */
export interface SecretRead {
  readonly flowId: string
  readonly messageId: string
  readonly kind: GrantKind
  readonly alias: string
  /** `use` by an adapter or a step; `read` by a script, which sees it. */
  readonly use: SecretUse
  readonly granted: boolean
}

interface Given {
  /** The stores themselves, which ask nobody. */
  readonly sources: SecretServices
  readonly mayHave: (flow: FlowFacts, wanted: Wanted) => boolean
  readonly secretRead: ((read: SecretRead) => void) | undefined
}

/** Secrets for flows and, by a grant of their own, for scripts: granted, audited, and remembered to be kept out of what is recorded. */
export const guardSecrets = (
  given: Given,
): { readonly forFlows: SecretServices; readonly forScripts: SecretServices } => ({
  forFlows: guardFor('use', given),
  forScripts: guardFor('read', given),
})

function guardFor(use: SecretUse, { sources, mayHave, secretRead }: Given): SecretServices {
  /** What was lent to a message; nothing outlives it. */
  const lent = new WeakMap<Run, Map<string, Promise<unknown>>>()

  /** Asks once for each message: for the grant, the audit log and the store. */
  function once<Secret>(
    what: keyof typeof words,
    alias: string,
    run: Run,
    lend: () => Promise<Secret>,
  ): Promise<Secret> {
    let own = lent.get(run)
    if (own === undefined) lent.set(run, (own = new Map()))
    const key = `${what} ${alias}`
    const before = own.get(key)
    if (before !== undefined) return before as Promise<Secret>
    const asked = ask(what, alias, run).then(lend)
    own.set(key, asked)
    // What failed may be there the next time.
    asked.catch(() => own.delete(key))
    return asked
  }

  async function ask(what: keyof typeof words, alias: string, { flow, messageId }: Run): Promise<void> {
    const { kind, name } = words[what]
    const granted = mayHave(flow, { kind, alias, use })
    secretRead?.({ flowId: flow.id, messageId, kind, alias, use, granted })
    if (!granted) throw faults.grantMissing({ flow: flow.id, what: name, alias, use })
  }

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

const words = {
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
