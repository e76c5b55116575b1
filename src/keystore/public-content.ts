import { X509Certificate } from 'node:crypto'

import { writePkcs7 } from './certificate-bundle.ts'
import { readCertificates } from './certificates.ts'
import { isSelfSigned } from './chains.ts'
import type { KeystoreEntry } from './contracts.ts'
import { faults } from './faults.ts'
import { writeJavaCertificates } from './java-keystore.ts'
import { openSshPublicKey } from './ssh-keys.ts'

type Shown = Pick<KeystoreEntry, 'alias' | 'chain'>

/** The certificate of an entry in PEM, or of the top of its chain where that signed itself: a `.cer` file. */
export function certificateOf({ alias, chain }: Shown, root = false): string {
  const certificates = readCertificates(chain)
  const found = root ? certificates.at(-1) : certificates[0]
  if (found === undefined || (root && !isSelfSigned(found))) throw faults.rootAbsent({ alias })
  return found.toString()
}

/** The chain of an entry as PKCS#7 in PEM: a `.p7b` file. */
export const chainFile = ({ chain }: Shown): string => writePkcs7(readCertificates(chain))

/** The public key of an entry as OpenSSH writes it. @throws keystore.keyUnfit */
export const sshKeyOf = ({ alias, chain }: Shown): string =>
  `${openSshPublicKey(new X509Certificate(chain).publicKey, `public key for alias ${alias}`)}\n`

/**
 * All certificates of a keystore as JKS or JCEKS that opens without a password. The issuers in a chain have the alias
 * of the entry with `_1`, `_2` and so on. Java knows aliases in lower case only.
 */
export function publicKeystore(entries: readonly KeystoreEntry[], format: 'JKS' | 'JCEKS'): Buffer {
  const taken = new Set<string>()
  const certificates = entries.flatMap(({ alias, chain, modifiedAt }) =>
    readCertificates(chain).map((certificate, index) => {
      const wanted = (index === 0 ? alias : `${alias}_${index}`).toLowerCase()
      let name = wanted
      for (let count = 1; taken.has(name); count++) name = `${wanted}(${count})`
      taken.add(name)
      return { alias: name, certificate, at: modifiedAt }
    }),
  )
  return writeJavaCertificates(certificates, format)
}
