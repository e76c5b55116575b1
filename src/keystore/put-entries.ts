import { createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto'

import { checkAlias } from './aliases.ts'
import { factsOf, readCertificates } from './certificates.ts'
import { chainFrom } from './chains.ts'
import type { Keystore } from './contracts.ts'
import { faults } from './faults.ts'
import { certifyKey, generateKey } from './generate-key.ts'
import { candidatesOf, takeOver } from './import-entries.ts'
import type { KeystoreCore } from './keystore-core.ts'
import { checkKeyStrength, readKeyFile } from './read-key-file.ts'

const generatedYears = 3
const importedYears = 10

/** The operations by which entries come into a keystore. */
export function putEntries(
  core: KeystoreCore,
): Pick<Keystore, 'putCertificate' | 'putKeyPair' | 'importKey' | 'importKeystore' | 'generate'> {
  const { records, writing, clock, limits, shown, put, checkBytes } = core
  return {
    async putCertificate(alias, certificate, change) {
      if (change.owner === 'tenant') checkBytes(certificate, limits.certificate, 'The certificate')
      const chain = readCertificates(certificate).slice(0, 1)
      return put({ alias, type: 'certificate', chain, key: undefined }, change)
    },

    async putKeyPair(alias, pair, change) {
      const chain = readCertificates(pair.chain)
      const key = readKey(pair.key, pair.passphrase)
      const [leaf] = chain
      if (leaf === undefined || !leaf.checkPrivateKey(key)) throw faults.keyOfAnother({ alias })
      checkChain(chain)
      return put({ alias, type: 'keypair', chain, key }, change)
    },

    async importKey(alias, { content, password, type, subject }, change) {
      checkAlias(alias, change.owner)
      checkBytes(content, limits.keyPair, 'The key file')
      const { keyPairs, certificates } = await readKeyFile(content, password)
      const [pair, ...others] = keyPairs
      if (pair === undefined) throw faults.keyAbsent({ what: 'private key' })
      if (others.length > 0) throw faults.severalKeys({ count: keyPairs.length })
      const { key } = pair
      checkKeyStrength(key)
      const [leaf] = pair.chain
      // A certificate beside a key that is not its own is a mistake, and not one to overlook.
      if (leaf === undefined ? certificates.length > 0 : !leaf.checkPrivateKey(key))
        throw faults.keyOfAnother({ alias })
      if (leaf !== undefined) {
        const chain = chainFrom(leaf, [...pair.chain, ...certificates.map(({ certificate }) => certificate)])
        return put({ alias, type, chain, key }, change)
      }
      if (subject === undefined) throw faults.keyAbsent({ what: 'certificate for its private key' })
      const chain = readCertificates(await certifyKey(key, subject, { now: clock.now(), years: importedYears }))
      // Nobody can vouch for a certificate that was made here and now.
      return put({ alias, type, chain, key }, { ...change, fingerprintVerified: true })
    },

    async importKeystore({ content, password, option }, given) {
      checkBytes(content, limits.upload, 'The keystore')
      const candidates = candidatesOf(await readKeyFile(content, password))
      const change = { ...given, replace: option !== 'add' }
      const named = new Set(candidates.map(({ alias }) => alias))
      if (option === 'replace')
        return core.replaceAll(
          change,
          (alias) => named.has(alias),
          (draft) => takeOver(draft, candidates, change, { writing, shown }),
        )
      const outcomes = await records.change((draft) => {
        const taken = takeOver(draft, candidates, change, { writing, shown })
        writing.checkSize(draft)
        return taken
      })
      await core.noteOutcomes(outcomes, change.user)
      return outcomes
    },

    async generate(alias, type, request, change) {
      checkAlias(alias, change.owner)
      if (change.replace !== true && core.inUse().has(alias)) throw faults.aliasTaken({ alias })
      const { key, chain } = await generateKey(request, { now: clock.now(), years: generatedYears })
      return put({ alias, type, chain: readCertificates(chain), key }, { ...change, fingerprintVerified: true })
    },
  }
}

function readKey(pem: string, passphrase: string | undefined): KeyObject {
  try {
    return createPrivateKey({ key: pem, ...(passphrase !== undefined && { passphrase }) })
  } catch (cause) {
    const protectedKey = pem.includes('ENCRYPTED')
    throw faults.keyUnreadable(
      { why: protectedKey ? 'its passphrase is missing or wrong' : 'it is not a PEM private key' },
      { cause },
    )
  }
}

function checkChain(chain: readonly X509Certificate[]): void {
  for (const [index, certificate] of chain.entries()) {
    const issuer = chain[index + 1]
    if (issuer === undefined || certificate.checkIssued(issuer)) continue
    throw faults.chainBroken({ subject: factsOf(certificate).subject, issuer: factsOf(issuer).subject })
  }
}
