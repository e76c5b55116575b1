import type { JwtSigner } from './contracts.ts'
import { faults } from './faults.ts'
import { fits, joseNames, signatureOf } from './signature-algorithms.ts'

/**
 * A signed JWT (RFC 7523) in compact form.
 * @param algorithm JOSE name
 * @throws assertions.keyUnfit
 */
export function makeJwtAssertion(
  claims: Readonly<Record<string, unknown>>,
  { privateKey, kid }: JwtSigner,
  algorithm: string,
): string {
  if (!joseNames.includes(algorithm) || !fits(algorithm, privateKey)) throw faults.keyUnfit({ algorithm })
  const header = { alg: algorithm, typ: 'JWT', ...(kid !== undefined && { kid }) }
  const signed = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${signed}.${signatureOf(algorithm, privateKey, Buffer.from(signed)).toString('base64url')}`
}
