import type { KeyObject } from 'node:crypto'

import type { HostCall } from './host-calls.ts'

// Scripts hand over text; anything else names nothing.
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** What Java calls the kinds of keys. */
const algorithms: Readonly<Record<string, string>> = {
  rsa: 'RSA',
  'rsa-pss': 'RSASSA-PSS',
  dsa: 'DSA',
  ec: 'EC',
  ed25519: 'Ed25519',
  ed448: 'Ed448',
  x25519: 'X25519',
  x448: 'X448',
}

const keyForScript = (key: KeyObject) => ({
  algorithm: algorithms[key.asymmetricKeyType ?? ''] ?? key.asymmetricKeyType,
  pkcs8: key.export({ format: 'der', type: 'pkcs8' }),
})

/** The calls that the services of a run answer: value mapping, secure store and keystore. */
export const serviceCalls: Readonly<Record<string, HostCall>> = {
  'valueMapping.getMappedValue'(args, { services }) {
    const [agency = '', schema = '', value = '', targetAgency = '', targetSchema = ''] = args.map(textOf)
    return services.valueMappings.lookup({ agency, schema, value }, { agency: targetAgency, schema: targetSchema })
  },
  'secureStore.getUserCredential': ([alias], run) =>
    run.services.forScripts.credentials.userCredential(textOf(alias), run),
  async 'keystore.getKey'([alias], run) {
    const key = await run.services.forScripts.keys.privateKey(textOf(alias), run)
    return key && keyForScript(key)
  },
  'keystore.getCertificateChain': ([alias], run) => run.services.forScripts.keys.certificateChain(textOf(alias), run),
}
