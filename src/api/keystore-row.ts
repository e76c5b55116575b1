import { X509Certificate } from 'node:crypto'

import type { Fault } from '../base/index.ts'
import {
  aliasOfHex,
  type EntryOutcome,
  factsOf,
  hexAliasOf,
  type KeystoreEntry,
  type KeystoreName,
  validityOf,
} from '../keystore/index.ts'
import { dateTime, int32, odataFaults, type Outcome, type Row, text } from '../odata/index.ts'
import { faults } from './faults.ts'
import { textOf } from './row-values.ts'
import type { Call } from './services.ts'

/** The properties of a certificate, of an entry or in its chain, in the words of the original. */
export const certificateFactProperties = {
  Validity: text(1000),
  KeyType: text(30),
  KeySize: int32,
  ValidNotBefore: dateTime,
  ValidNotAfter: dateTime,
  SubjectDN: text(5000),
  IssuerDN: text(5000),
  SerialNumber: text(256),
  SignatureAlgorithm: text(60),
  Version: int32,
  FingerprintSha1: text(200),
  FingerprintSha256: text(200),
  FingerprintSha512: text(200),
}

export const entryProperties = {
  Hexalias: text(2000),
  Alias: text(250),
  ...certificateFactProperties,
  Type: text(30),
  Owner: text(30),
  LastModifiedBy: text(150),
  LastModifiedTime: dateTime,
  CreatedBy: text(150),
  CreatedTime: dateTime,
  Status: text(500),
}

const typeNames: Readonly<Record<KeystoreEntry['type'], string>> = {
  keypair: 'Key Pair',
  certificate: 'Certificate',
  ssh: 'SSH Key',
  rsa: 'RSA Key',
}

const curveBits: Readonly<Record<string, number>> = { prime256v1: 256, secp384r1: 384, secp521r1: 521 }

export function certificateFactsRow(certificate: X509Certificate, now: number): Row {
  const facts = factsOf(certificate)
  const [type = '', size = ''] = facts.keyType.split(' ')
  return {
    Validity: validityOf(facts, now),
    KeyType: type === 'ED25519' ? 'Ed25519' : type,
    KeySize: type === 'ED25519' ? 256 : (curveBits[size] ?? (Number(size) || null)),
    ValidNotBefore: facts.validFrom,
    ValidNotAfter: facts.validTo,
    SubjectDN: facts.subject,
    IssuerDN: facts.issuer,
    SerialNumber: facts.serialNumber,
    SignatureAlgorithm: algorithmOf(certificate),
    Version: versionOf(certificate.raw),
    FingerprintSha1: certificate.fingerprint,
    FingerprintSha256: certificate.fingerprint256,
    FingerprintSha512: certificate.fingerprint512,
  }
}

/** `SHA-256/RSA`, as the original writes it where a key is made. */
function algorithmOf({ signatureAlgorithm }: X509Certificate): string {
  const [, byRsa] = /^sha(\d+)WithRSAEncryption$/i.exec(signatureAlgorithm ?? '') ?? []
  const [, byEc] = /^ecdsa-with-SHA(\d+)$/i.exec(signatureAlgorithm ?? '') ?? []
  if (byRsa !== undefined) return `SHA-${byRsa}/RSA`
  return byEc === undefined ? (signatureAlgorithm ?? '') : `SHA-${byEc}/ECDSA`
}

/** The version stands first in what is signed, behind two headers; where it is not, it is version 1. */
function versionOf(raw: Buffer): number {
  const behind = (at: number): number => at + 2 + ((raw[at + 1] ?? 0) & 0x80 ? (raw[at + 1] ?? 0) & 0x7f : 0)
  const at = behind(behind(0))
  return raw[at] === 0xa0 ? (raw[at + 4] ?? 0) + 1 : 1
}

export const entryRow = (entry: KeystoreEntry, now: number, status: string | null = null): Row => ({
  Hexalias: hexAliasOf(entry.alias),
  Alias: entry.alias,
  ...certificateFactsRow(new X509Certificate(entry.chain), now),
  Type: typeNames[entry.type],
  Owner: entry.owner === 'system' ? 'SAP' : 'Tenant Administrator',
  LastModifiedBy: entry.modifiedBy,
  LastModifiedTime: entry.modifiedAt,
  CreatedBy: entry.createdBy,
  CreatedTime: entry.createdAt,
  Status: status,
})

const statusWords: Readonly<Record<EntryOutcome['status'], string>> = {
  created: 'created',
  updated: 'updated',
  unchanged: 'unchanged',
  notImported: 'not imported',
  removed: 'removed',
  notRemoved: 'not removed',
}

/** What became of an entry: its status, with the reason where there is one. */
export function outcomeRow({ alias, status, reason, entry }: EntryOutcome, now: number): Row {
  const words = reason === '' ? statusWords[status] : `${statusWords[status]}: ${reason}`.slice(0, 500)
  return entry === undefined
    ? { Hexalias: hexAliasOf(alias), Alias: alias, Status: words }
    : entryRow(entry, now, words)
}

const set = 'KeystoreEntries'

/** An option of the address that is `true`, in any case. */
export const isOn = ({ options }: Call, name: string): boolean => options.get(name)?.toLowerCase() === 'true'

/** The outcomes where the caller asks for them, else nothing. */
export const answered = (call: Call, outcomes: readonly EntryOutcome[], now: number, always = false): Outcome =>
  always || isOn(call, 'returnKeystoreEntries')
    ? { status: 200, shown: { set, rows: outcomes.map((each) => outcomeRow(each, now)) } }
    : { status: 204 }

const shownKeystores = new Set<string>(['system', 'backup_admin_system', 'KeyRenewal', 'KeyHistory'])

/** The keystore that the address names; `system` where it names none. @throws api.keystoreUnknown */
export function keystoreOf({ options }: Call): KeystoreName {
  const name = options.get('keystoreName') ?? 'system'
  if (!isKeystore(name)) throw faults.keystoreUnknown({ name })
  return name
}

export const isKeystore = (name: string): name is KeystoreName => shownKeystores.has(name)

/** The alias of a key of the address. @throws odata.entityMissing */
export function aliasOfKey(key: Row): string {
  const alias = aliasOfHex(textOf(key, 'Hexalias'))
  if (alias === undefined) throw odataFaults.entityMissing({ set })
  return alias
}

/** An alias of a body, or the one that its hex stands for. @throws api.propertyMissing */
export function aliasOfBody(body: Row): string {
  const alias = textOf(body, 'Alias') || (aliasOfHex(textOf(body, 'Hexalias')) ?? '')
  if (alias === '') throw faults.propertyMissing({ names: ['Alias'] })
  return alias
}

/** How a caller changes entries of the tenant. */
export const changeOf = (call: Call, replace = isOn(call, 'update')) => ({
  owner: 'tenant' as const,
  user: call.caller.name,
  replace,
  fingerprintVerified: isOn(call, 'fingerprintVerified'),
  acceptExpired: isOn(call, 'acceptExpired'),
})

/**
 * Runs a change of one entry. What nobody vouches for answers 409 with the entry as it would have been, for its
 * fingerprints to be compared.
 */
export async function changeOne(
  call: Call,
  given: { readonly alias: string; readonly known: boolean; readonly now: number; readonly always?: boolean },
  work: () => Promise<KeystoreEntry>,
): Promise<Outcome> {
  const { alias, known, now, always } = given
  try {
    const entry = await work()
    return answered(call, [{ alias, status: known ? 'updated' : 'created', reason: '', entry }], now, always)
  } catch (thrown) {
    const { code, details } = thrown as Fault
    if (code !== 'keystore.notTrusted') throw thrown
    const facts = certificateFactsRow(new X509Certificate(String(details.certificate)), now)
    const row = { Hexalias: hexAliasOf(alias), Alias: alias, ...facts, Validity: 'notTrusted', Status: 'notImported' }
    return { status: 409, shown: { set, row } }
  }
}
