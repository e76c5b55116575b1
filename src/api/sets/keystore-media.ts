import { certificateOf, chainFile, type KeystoreEntry, sshKeyOf } from '../../keystore/index.ts'
import { type EntitySet, type Media, type Navigation, odataFaults, text } from '../../odata/index.ts'
import { aliasOfKey, changeOf, changeOne, isOn, keystoreOf } from '../keystore-row.ts'
import { roles } from '../roles.ts'
import type { Call, Services } from '../services.ts'

const properties = { Hexalias: text(2000), Alias: text(250) }

type Part = 'certificate' | 'sshKey' | 'chain' | 'request'

/** The public parts of an entry: the set of each, what a client gets it as, and how its file is called. */
const parts: Readonly<Record<Part, { readonly set: string; readonly contentType: string; readonly suffix: string }>> = {
  certificate: { set: 'CertificateResources', contentType: 'application/pkix-cert', suffix: '.cer' },
  sshKey: { set: 'SSHKeyResources', contentType: 'text/plain;charset=utf-8', suffix: '.pub' },
  chain: { set: 'CertificateChainResources', contentType: 'application/pkcs7-mime', suffix: '.p7b' },
  request: { set: 'CertificateSigningRequests', contentType: 'application/pkcs10', suffix: '.csr' },
}

/** From an entry to one of its public parts. */
export const publicPart = ({ keystore }: Services, part: Part): Navigation<Call> => ({
  to: parts[part].set,
  many: false,
  of: (parent) => ({
    find: { requires: roles.readKeystore, run: async () => ({ Hexalias: parent.Hexalias, Alias: parent.Alias }) },
    media: {
      requires: part === 'request' ? roles.editKeystore : roles.readKeystore,
      run: async (_, call): Promise<Media> => {
        const entry = await keystore.find(aliasOfKey(parent), keystoreOf(call))
        if (entry === undefined) throw odataFaults.entityMissing({ set: 'KeystoreEntries' })
        const root = part === 'certificate' && isOn(call, 'rootCA')
        const content = part === 'request' ? await keystore.signingRequest(entry.alias) : written(part, entry, root)
        const { contentType, suffix } = parts[part]
        return { content, contentType, fileName: `${entry.alias}${root ? '_rootCA' : ''}${suffix}` }
      },
    },
  }),
})

function written(part: Exclude<Part, 'request'>, entry: KeystoreEntry, root: boolean): string {
  if (part === 'chain') return chainFile(entry)
  return part === 'sshKey' ? sshKeyOf(entry) : certificateOf(entry, root)
}

/** `PUT …/$value` makes or updates a certificate. */
export const certificateResources = ({ keystore, clock }: Services): EntitySet<Call> => ({
  name: parts.certificate.set,
  acts: {
    writeMedia: {
      requires: roles.editKeystore,
      run: async (key, { content }, call) => {
        const alias = aliasOfKey(key)
        const known = (await keystore.find(alias)) !== undefined
        return changeOne(call, { alias, known, now: clock.now() }, () =>
          keystore.putCertificate(alias, content, changeOf(call)),
        )
      },
    },
  },
  type: { name: 'CertificateResource', key: ['Hexalias'], media: parts.certificate.contentType, properties },
})

/** `PUT …/$value` takes the answer of a CA to the signing request of an entry. */
export const certificateChainResources = ({ keystore, clock }: Services): EntitySet<Call> => ({
  name: parts.chain.set,
  acts: {
    writeMedia: {
      requires: roles.editKeystore,
      run: (key, { content }, call) => {
        const alias = aliasOfKey(key)
        return changeOne(call, { alias, known: true, now: clock.now() }, () =>
          keystore.signingResponse(alias, content, changeOf(call)),
        )
      },
    },
  },
  type: { name: 'CertificateChainResource', key: ['Hexalias'], media: parts.chain.contentType, properties },
})

/** The type of signing requests; they are reached through their entry. */
export const certificateSigningRequests: EntitySet<Call> = {
  name: parts.request.set,
  type: { name: 'CertificateSigningRequest', key: ['Hexalias'], media: parts.request.contentType, properties },
}
