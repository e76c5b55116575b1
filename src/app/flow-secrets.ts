import { Fault } from '../base/index.ts'
import type { SecretServices, UserCredential } from '../flow/index.ts'
import type { Keystore } from '../keystore/index.ts'
import { readCertificates } from '../keystore/index.ts'
import type { Secrets } from '../secrets/index.ts'

/**
 * What flows are lent of the security material and the keystore. Who may have what is decided by the runtime, which
 * knows the flow; a material is the same object for as long as nothing changed, so that it is prepared once.
 */
export function createFlowSecrets(given: {
  readonly secrets: Pick<Secrets, 'materials' | 'revision' | 'userCredential'>
  readonly keystore: Pick<Keystore, 'find' | 'lend'>
}): SecretServices {
  const { secrets, keystore } = given
  let lent = new Map<string, UserCredential>()
  let lentAt = secrets.revision()

  async function userCredential(alias: string): Promise<UserCredential> {
    if (lentAt !== secrets.revision()) {
      lent = new Map()
      lentAt = secrets.revision()
    }
    const known = lent.get(alias)
    if (known !== undefined) return known
    const credential = isParameter(alias)
      ? { user: '', password: parameter(alias) }
      : await secrets.userCredential(alias)
    lent.set(alias, credential)
    return credential
  }

  const isParameter = (alias: string): boolean => secrets.materials.find('SecureParameter', alias) !== undefined
  const parameter = (alias: string): string => secrets.materials.lend('SecureParameter', alias).secret['value'] ?? ''

  /** An alias that is unknown, or of another kind, is nothing to lend. */
  async function entry<Value>(alias: string, read: () => Promise<Value>, none: Value): Promise<Value> {
    if ((await keystore.find(alias)) === undefined) return none
    try {
      return await read()
    } catch (error) {
      if (error instanceof Fault && (error as Fault).code === 'keystore.notKeyPair') return none
      throw error
    }
  }

  return {
    credentials: { userCredential, secureParameter: async (alias) => parameter(alias) },
    keys: {
      privateKey: (alias) => entry(alias, async () => (await keystore.lend(alias)).key, undefined),
      async certificateChain(alias) {
        const found = await keystore.find(alias)
        return found === undefined ? [] : readCertificates(found.chain).map(({ raw }) => raw)
      },
    },
  }
}
