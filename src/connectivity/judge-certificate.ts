import type { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import type { TLSSocket } from 'node:tls'

import type { Fault } from '../base/index.ts'
import { factsOf } from '../keystore/index.ts'
import { faults } from './faults.ts'

/** The certificates as the server sent them, leaf first, as far as each issued the one before. */
export function sentChain(socket: TLSSocket): readonly X509Certificate[] {
  const chain: X509Certificate[] = []
  let current = socket.getPeerX509Certificate()
  while (current !== undefined && chain.length < 16) {
    const { fingerprint256 } = current
    if (chain.some((one) => one.fingerprint256 === fingerprint256)) break
    chain.push(current)
    current = current.issuerCertificate
  }
  return chain
}

/** The host names and addresses that a certificate is for; the common name only where there are no other names. */
export function namesOf(certificate: X509Certificate): readonly string[] {
  const names = (certificate.subjectAltName ?? '')
    .split(/,\s*/)
    .flatMap((entry) => /^(?:DNS|IP Address):(.+)$/.exec(entry)?.[1] ?? [])
  return [...new Set(names)]
}

const weak: Readonly<Record<string, string>> = {
  EE_KEY_TOO_SMALL: 'its key is too short',
  CA_KEY_TOO_SMALL: 'the key of an issuer is too short',
  CA_MD_TOO_WEAK: 'it is signed with a digest that is broken',
}
const invalid: Readonly<Record<string, string>> = {
  INVALID_PURPOSE: 'it was not issued for servers',
  INVALID_CA: 'an issuer in the chain may not issue certificates',
  PATH_LENGTH_EXCEEDED: 'the chain is longer than an issuer in it allows',
  CERT_SIGNATURE_FAILURE: 'a signature in the chain is wrong',
  CERT_UNTRUSTED: 'its root is not trusted for servers',
  CERT_REJECTED: 'its root rejects this use',
  CERT_REVOKED: 'it was revoked',
  CERT_CHAIN_TOO_LONG: 'the chain is too long',
}

/** Why a server's certificate is not acceptable; undefined when it is. `problem` is what the TLS library found. */
export function judge(given: {
  readonly host: string
  readonly chain: readonly X509Certificate[]
  readonly authorized: boolean
  readonly problem: unknown
  readonly trusted: readonly X509Certificate[]
}): Fault | undefined {
  const { host, chain, authorized, problem } = given
  const [leaf] = chain
  if (leaf === undefined) return faults.certificateInvalid({ why: 'it sent none' })
  if (!authorized) return untrusted(codeOf(problem), chain)
  const fits =
    isIP(host) === 0 ? leaf.checkHost(host, { subject: 'never', partialWildcards: false }) : leaf.checkIP(host)
  return fits === undefined ? faults.hostNameMismatch({ host, names: namesOf(leaf) }) : undefined
}

const codeOf = (problem: unknown): string =>
  problem instanceof Error ? ((problem as { code?: string }).code ?? problem.message) : String(problem)

function untrusted(code: string, chain: readonly X509Certificate[]): Fault {
  const facts = chain.map(factsOf)
  const [leaf] = facts
  const top = facts.at(-1)
  if (leaf === undefined || top === undefined) return faults.certificateInvalid({ why: 'it sent none' })
  const now = Date.now()
  switch (code) {
    case 'CERT_HAS_EXPIRED': {
      const { subject, validTo } = facts.find((one) => one.validTo < now) ?? leaf
      return faults.certificateExpired({ subject, at: new Date(validTo).toISOString() })
    }
    case 'CERT_NOT_YET_VALID': {
      const { subject, validFrom } = facts.find((one) => one.validFrom > now) ?? leaf
      return faults.certificateNotYetValid({ subject, at: new Date(validFrom).toISOString() })
    }
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return faults.certificateSelfSigned({ subject: leaf.subject })
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return faults.issuerUntrusted({ missing: top.subject, alone: false, root: true })
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return faults.issuerUntrusted({
        missing: top.issuer,
        alone: chain.length === 1,
        root: top.subject === top.issuer,
      })
    default:
      if (weak[code] !== undefined) return faults.certificateWeak({ why: weak[code] })
      return faults.certificateInvalid({ why: invalid[code] ?? code.replaceAll('_', ' ').toLowerCase() })
  }
}
