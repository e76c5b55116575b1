import type { X509Certificate } from 'node:crypto'

import { Fault } from '../base/index.ts'
import type { Draft } from '../records/contracts.ts'
import { factsOf } from './certificates.ts'
import type { EntryOutcome, KeystoreChange, KeystoreEntry } from './contracts.ts'
import type { EntryWriting, NewEntry } from './entry-writing.ts'
import { faults } from './faults.ts'
import type { EntryRecord, KeystoreRecords } from './keystore-records.ts'
import { checkKeyStrength, type KeyFile } from './read-key-file.ts'

/** An entry of a file, or why it is none. */
export type Candidate =
  | { readonly alias: string; readonly entry: NewEntry }
  | { readonly alias: string; readonly reason: string }

/** The entries of a file as they are to be taken over. @throws keystore.keystoreEmpty */
export function candidatesOf(file: KeyFile): readonly Candidate[] {
  const pairs = file.keyPairs.map(({ alias, chain, key }): Candidate => {
    const [leaf] = chain
    if (leaf === undefined) return { alias: alias ?? '', reason: 'The private key has no certificate.' }
    const name = alias ?? nameOf(leaf)
    if (!leaf.checkPrivateKey(key)) return { alias: name, reason: faults.keyOfAnother({ alias: name }).message }
    try {
      checkKeyStrength(key)
    } catch (refused) {
      return { alias: name, reason: (refused as Fault).message }
    }
    return { alias: name, entry: { alias: name, type: 'keypair', chain, key } }
  })
  const alone = file.certificates.map(({ alias, certificate }): Candidate => {
    const name = alias ?? nameOf(certificate)
    return { alias: name, entry: { alias: name, type: 'certificate', chain: [certificate], key: undefined } }
  })
  const all = [...pairs, ...alone]
  if (all.length === 0) throw faults.keystoreEmpty()
  return all
}

/** Entries without an alias are known by the common name of their subject. */
function nameOf(certificate: X509Certificate): string {
  const { subject } = factsOf(certificate)
  return (/(?:^|,)CN=([^,+\\]+)/.exec(subject)?.[1] ?? subject).slice(0, 250).trim()
}

/** Writes the candidates that the rules let pass; the others are named with the reason. */
export function takeOver(
  draft: Draft<KeystoreRecords>,
  candidates: readonly Candidate[],
  change: KeystoreChange,
  given: { readonly writing: EntryWriting; readonly shown: (record: EntryRecord) => KeystoreEntry },
): EntryOutcome[] {
  const seen = new Set<string>()
  return candidates.map((candidate): EntryOutcome => {
    const { alias } = candidate
    const refused = (reason: string) => ({ alias, status: 'notImported', reason, entry: undefined }) as const
    if ('reason' in candidate) return refused(candidate.reason)
    if (seen.has(alias)) return refused(`The file has another entry '${alias}'.`)
    try {
      const { record, done } = given.writing.place(draft, candidate.entry, change)
      seen.add(alias)
      return { alias, status: done, reason: '', entry: given.shown(record) }
    } catch (fault) {
      if (!(fault instanceof Fault)) throw fault
      return refused(fault.message)
    }
  })
}
