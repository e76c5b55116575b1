import type { BundleSignature } from '../../flow/index.ts'
import { dateTime, type EntitySet, type Row, text } from '../../odata/index.ts'
import { roles } from '../roles.ts'
import { textOf } from '../row-values.ts'
import type { Call, Services } from '../services.ts'

/** Who signed what is deployed. `Status` is valid, untrusted, invalid or none. */
export const bundleSignatures = ({ signatures }: Services): EntitySet<Call> => ({
  name: 'BundleSignatures',
  list: {
    requires: roles.followDeployment,
    run: async () => [...(await signatures())].map(([id, signature]) => row(id, signature)),
  },
  find: {
    requires: roles.followDeployment,
    run: async (key) => {
      const id = textOf(key, 'Id')
      const found = (await signatures(id)).get(id)
      return found && row(id, found)
    },
  },
  type: {
    name: 'BundleSignature',
    key: ['Id'],
    properties: {
      Id: text(200),
      Status: text(9),
      Signer: text(),
      Issuer: text(),
      SerialNumber: text(),
      Fingerprint: text(64),
      NotAfter: dateTime,
      SignedAt: dateTime,
      Reason: text(),
    },
  },
})

function row(id: string, signature: BundleSignature): Row {
  const signer = 'signer' in signature ? signature.signer : undefined
  return {
    Id: id,
    Status: signature.status,
    Signer: signer?.subject ?? null,
    Issuer: signer?.issuer ?? null,
    SerialNumber: signer?.serialNumber ?? null,
    Fingerprint: signer?.fingerprint ?? null,
    NotAfter: signer?.notAfter ?? null,
    SignedAt: signature.status === 'valid' ? (signature.signedAt ?? null) : null,
    Reason: 'why' in signature ? signature.why : null,
  }
}
