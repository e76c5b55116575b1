import { X509Certificate } from 'node:crypto'

import type { Identity } from '../identity/index.ts'
import type { IdentityProvider, RegisteredCertificate } from '../identity/records.ts'
import type { Keystore } from '../keystore/index.ts'
import type { PgpKeyrings } from '../secrets/index.ts'
import type { Expiring, ExpiringKind, ExpirySource } from './contracts.ts'

/** What a registered certificate stands for, in words. */
export function holderWords(identity: Pick<Identity, 'keys' | 'instances'>, { holder }: RegisteredCertificate): string {
  if (holder.kind === 'user') return `mapped to the user ${holder.id}`
  if (holder.kind === 'channel') return `sender ${holder.id} of channels`
  if (holder.kind === 'proxy') return `trusted proxy ${holder.id}`
  const key = identity.keys.find(holder.id)
  const instance = key && identity.instances.find(key.instanceId)
  return `service key ${key?.name ?? holder.id} of the instance ${instance?.name ?? 'that is gone'}`
}

/**
 * Registered certificates, service keys with an end, trust anchors, revocation lists, what identity providers sign by,
 * and what publishers of bundles do.
 */
export const identitySource =
  (
    identity: Pick<
      Identity,
      'certificates' | 'keys' | 'instances' | 'anchors' | 'revocationLists' | 'identityProviders' | 'tenantPolicy'
    >,
  ): ExpirySource =>
  () => [
    ...identity.certificates.list().map(
      (record): Expiring => ({
        kind: 'client certificate',
        id: record.fingerprint,
        name: record.subject,
        until: Math.min(record.validTo, record.until ?? Infinity),
        where: holderWords(identity, record),
        renewable: false,
      }),
    ),
    ...identity.keys.list().flatMap(({ id, name, until, instanceId }): readonly Expiring[] => {
      const instance = identity.instances.find(instanceId)?.name ?? 'that is gone'
      const where = `service key of the instance ${instance}`
      return until === undefined ? [] : [{ kind: 'service key', id, name, until, where, renewable: false }]
    }),
    ...identity.anchors.list().map(
      ({ fingerprint, name, kind, pem }): Expiring => ({
        kind: 'trust anchor',
        id: fingerprint,
        name,
        until: new X509Certificate(pem).validToDate.getTime(),
        where:
          kind === 'ca' ? 'issuer that client certificates are trusted by' : 'client certificate trusted by itself',
        renewable: false,
      }),
    ),
    ...identity.revocationLists.list().flatMap(({ fingerprint, issuer, nextUpdate }): readonly Expiring[] =>
      nextUpdate === undefined
        ? []
        : [
            {
              kind: 'revocation list',
              id: fingerprint,
              name: issuer,
              until: nextUpdate,
              where: 'revocation list that an administrator gave',
              renewable: false,
            },
          ],
    ),
    ...identity.identityProviders.list().flatMap((provider) =>
      provider.certificates.map((certificate): Expiring => {
        const { subject } = new X509Certificate(certificate.pem)
        const state = provider.enabled ? '' : ', which is switched off'
        return {
          kind: 'signing certificate',
          id: certificate.fingerprint,
          name: provider.name,
          until: countsUntil(certificate),
          where: `identity provider ${provider.name}${state}: ${subject.replaceAll('\n', ', ')}`,
          renewable: false,
        }
      }),
    ),
    ...identity.tenantPolicy.get().publishers.map((pem): Expiring => {
      const { fingerprint256, subject, validToDate } = new X509Certificate(pem)
      return {
        kind: 'publisher certificate',
        id: fingerprint256.replaceAll(':', '').toLowerCase(),
        name: subject.replaceAll('\n', ', '),
        until: validToDate.getTime(),
        where: 'publisher whose bundles are trusted, policy of the tenant',
        renewable: false,
      }
    }),
  ]

type Signing = IdentityProvider['certificates'][number]

/** When it ends to count for its provider: its own end, or that of its window. */
const countsUntil = ({ pem, until }: Signing): number =>
  Math.min(new X509Certificate(pem).validToDate.getTime(), until ?? Infinity)

/** Whether assertions signed by it are accepted now. */
export const isSigning = (certificate: Signing, now: number): boolean =>
  now < countsUntil(certificate) &&
  now >= Math.max(new X509Certificate(certificate.pem).validFromDate.getTime(), certificate.from ?? -Infinity)

/** Entries of the keystore. `serverCertificates` are the aliases of those that the listeners show. */
export const keystoreSource =
  (keystore: Pick<Keystore, 'list'>, serverCertificates: readonly string[] = []): ExpirySource =>
  async () =>
    (await keystore.list()).map(({ alias, type, owner, validTo, subject }) => {
      const isServer = serverCertificates.includes(alias)
      const kind: ExpiringKind = isServer ? 'server certificate' : type === 'certificate' ? 'certificate' : 'key pair'
      const where = `keystore, ${owner === 'system' ? 'provided by the system' : 'of the tenant'}, ${subject}`
      return { kind, id: alias, name: alias, until: validTo, where, renewable: isServer || owner === 'system' }
    })

/** Keys of the PGP keyrings that have an end and were not revoked. */
export const pgpSource =
  (pgp: Pick<PgpKeyrings, 'list'>): ExpirySource =>
  () =>
    (['public', 'secret'] as const).flatMap((type) =>
      pgp.list(type).flatMap(({ keyId, primaryUserId, validUntil, revoked }): readonly Expiring[] =>
        validUntil === null || revoked
          ? []
          : [
              {
                kind: `PGP ${type} key`,
                id: keyId,
                name: primaryUserId,
                until: validUntil,
                where: `PGP ${type} keyring, key ${keyId}`,
                renewable: false,
              },
            ],
      ),
    )
