import { sign } from 'node:crypto'

import type { SigningKeys } from './signing-keys.ts'

/** What an access token says: names as clients of the original read them. Times in seconds since 1970. */
export interface Claims {
  readonly jti: string
  readonly sub: string
  readonly client_id: string
  readonly cid: string
  readonly azp: string
  readonly zid: string
  readonly scope: readonly string[]
  readonly grant_type: string
  readonly iss: string
  readonly aud: readonly string[]
  readonly iat: number
  readonly exp: number
  readonly user_id?: string
  readonly user_name?: string
  readonly email?: string
  readonly given_name?: string
  readonly family_name?: string
  /** Who knows the user: `sluice`, or the name of the identity provider. */
  readonly origin?: string
  readonly 'xs.user.attributes'?: Readonly<Record<string, readonly string[]>>
  readonly 'xs.system.attributes'?: { readonly 'xs.saml.groups': readonly string[] }
  readonly ext_attr: {
    readonly enhancer: string
    readonly zdn: string
    readonly serviceinstanceid: string
    readonly servicekeyid: string
    /** Of the identity provider that vouched for the user. */
    readonly idp?: string
    /** What is revoked together. */
    readonly grantid?: string
  }
  /** The certificate it is bound to (RFC 8705). */
  readonly cnf?: { readonly 'x5t#S256': string }
  /** Who acts for the user (RFC 8693, 4.1). */
  readonly act?: Actor
}

export interface Actor {
  readonly sub: string
  readonly act?: Actor
}

/** The audience by which a tenant knows its own tokens. */
export const audienceOf = (tenant: string): string => `urn:sluice:${tenant}`

/** As RFC 8705 writes the SHA-256 of a certificate. */
export const thumbprintOf = (fingerprint: string): string => Buffer.from(fingerprint, 'hex').toString('base64url')

/** The chain of `act` out of names, newest first. */
export const actOf = (actors: readonly string[]): Actor | undefined =>
  actors.reduceRight<Actor | undefined>((act, sub) => ({ sub, ...(act && { act }) }), undefined)

const deepest = 20

/** The names of a chain of `act`, newest first. */
export function actorsOf(act: Actor | undefined): readonly string[] {
  const names: string[] = []
  for (let each = act; each !== undefined && names.length < deepest; each = each.act) names.push(each.sub)
  return names
}

const heads = new Map<string, string>()

/** Signs claims (ES256). The header names the key and where it is published. */
export function signClaims(claims: Claims, keys: Pick<SigningKeys, 'current'>, jku: string): string {
  const { kid, key } = keys.current()
  const place = `${kid} ${jku}`
  let head = heads.get(place)
  if (head === undefined) {
    head = Buffer.from(JSON.stringify({ alg: 'ES256', jku, kid, typ: 'JWT' })).toString('base64url')
    heads.clear()
    heads.set(place, head)
  }
  const signed = `${head}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`
  const signature = sign('sha256', Buffer.from(signed, 'ascii'), { key, dsaEncoding: 'ieee-p1363' })
  return `${signed}.${signature.toString('base64url')}`
}
