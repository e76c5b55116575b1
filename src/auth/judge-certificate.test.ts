import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { before, describe, it } from 'node:test'

import { type Authority, newAuthority } from '../../test/kit/authority.ts'
import { newTenant, type Tenant } from '../../test/kit/front-door.ts'
import { silentLog } from '../base/index.ts'
import { fingerprintOf, type Issued } from '../keystore/index.ts'
import { certificateJudge, type JudgeCertificate } from './judge-certificate.ts'

const hour = 3_600_000
let tenant: Tenant
let authority: Authority
let judge: JudgeCertificate

before(async () => {
  tenant = await newTenant()
  authority = await newAuthority('CN=Partner CA')
  await tenant.identity.anchors.create({ certificate: authority.certificate }, 'test')
  judge = certificateJudge({ ...tenant, log: silentLog })
})

const issue = (subject: string, hoursAgo: number) => authority.issue({ subject, from: Date.now() - hoursAgo * hour })
const judged = ({ chain }: Issued) => {
  const certificate = new X509Certificate(chain)
  return judge({ certificate, fingerprint: fingerprintOf(certificate), sent: [] })
}

describe('a certificate at the token endpoint', () => {
  it('that is the renewed one of an unpinned key is accepted as at the front door, and older ones never again', async () => {
    const [old, newer, newest] = [await issue('CN=a', 30), await issue('CN=a', 20), await issue('CN=a', 10)]
    const { key } = await tenant.certificateKey(old, false)
    assert.deepEqual(await judged(old), { keyId: key.id })
    assert.deepEqual(await judged(newest), { keyId: key.id })
    const { fingerprint256 } = new X509Certificate(newest.chain)
    const written = tenant.identity.certificates.find(fingerprint256.replaceAll(':', '').toLowerCase())
    assert.deepEqual(written?.holder, { kind: 'key', id: key.id })
    for (const older of [old, newer]) assert.match(whyOf(await judged(older)), /has accepted one from .* already/)
    assert.deepEqual(await judged(newest), { keyId: key.id })
  })

  it('is no renewed one of a pinned key', async () => {
    const [old, newer] = [await issue('CN=b', 30), await issue('CN=b', 20)]
    const { key } = await tenant.certificateKey(old)
    assert.deepEqual(await judged(old), { keyId: key.id })
    assert.equal(await judged(newer), undefined)
  })

  it('that leads to no anchor is not accepted, whatever its names are', async () => {
    await tenant.certificateKey(await issue('CN=c', 30), false)
    const foreign = await (await newAuthority('CN=Partner CA')).issue({ subject: 'CN=c' })
    assert.match(whyOf(await judged(foreign)), /\w/)
  })

  it('of a user is of no service key', async () => {
    const own = await issue('CN=eve', 30)
    await tenant.identity.users.create({ name: 'eve' }, 'test')
    await tenant.identity.mappings.create({ user: 'eve', certificate: own.chain }, 'test')
    assert.equal(await judged(own), undefined)
  })
})

const whyOf = (outcome: Awaited<ReturnType<JudgeCertificate>>): string =>
  outcome !== undefined && 'why' in outcome ? outcome.why : assert.fail(`not refused: ${JSON.stringify(outcome)}`)
