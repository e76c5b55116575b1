import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'

import { type Authority, newAuthority, selfSigned } from '../../test/kit/authority.ts'
import { echo, type FrontDoor, openFrontDoor } from '../../test/kit/front-door.ts'
import { type Issued, readCertificates } from '../keystore/index.ts'

const hour = 3_600_000
let door: FrontDoor
let authority: Authority
let subject = ''
let count = 0

before(async () => {
  door = await openFrontDoor()
  door.routes.swap('Echo', [echo()])
  authority = await newAuthority('CN=Partner CA')
  await door.identity.anchors.create({ certificate: authority.certificate }, 'test')
})
after(() => door.close())
beforeEach(() => {
  subject = `CN=sender ${++count},O=Partner`
})

const issue = (hoursAgo: number) => authority.issue({ subject, from: Date.now() - hoursAgo * hour })
const tlsOf = ({ chain, key }: Issued) => ({ cert: chain, key })
async function call(own: Issued, options: object = {}) {
  door.refusals.length = 0
  const { status } = await door.call('/http/echo', { ...tlsOf(own), ...options })
  return [status, door.refusals[0]?.code]
}
const passes = [200, undefined]

describe('a renewed certificate of an unpinned key', () => {
  it('is accepted, and older ones never again', async () => {
    const [old, newer, newest] = [await issue(30), await issue(20), await issue(10)]
    const { key } = await door.certificateKey(old, false)
    assert.deepEqual(await call(old), passes)
    assert.deepEqual(await call(newest), passes)
    const registered = door.identity.certificates.find(
      readCertificates(newest.chain)[0]?.fingerprint256.replaceAll(':', '').toLowerCase() ?? '',
    )
    assert.deepEqual(registered?.holder, { kind: 'key', id: key.id })
    assert.deepEqual(await call(newer), [401, 'certificate.superseded'])
    assert.equal((await call(old))[0], 401)
    assert.deepEqual(await call(newest), passes)
  })

  it('ends the old one on connections that are open', async () => {
    const [old, newer] = [await issue(30), await issue(20)]
    await door.certificateKey(old, false)
    const agent = door.keepAlive(tlsOf(old))
    assert.deepEqual(await call(old, { agent }), passes)
    assert.deepEqual(await call(newer), passes)
    assert.equal((await call(old, { agent }))[0], 401)
  })

  it('that comes on many connections at once is accepted on all of them', async () => {
    const [old, newer] = [await issue(30), await issue(20)]
    await door.certificateKey(old, false)
    const answers = await Promise.all(Array.from({ length: 20 }, () => door.call('/http/echo', tlsOf(newer))))
    assert.deepEqual(
      answers.map(({ status }) => status),
      Array.from({ length: 20 }, () => 200),
    )
  })

  it('is not accepted for a pinned key', async () => {
    const [old, newer] = [await issue(30), await issue(20)]
    await door.certificateKey(old)
    assert.deepEqual(await call(newer), [401, 'identity.certificateUnknown'])
  })

  it('is not accepted from a CA that is not trusted, nor self-signed, whatever its names', async () => {
    await door.certificateKey(await issue(30), false)
    const twin = await newAuthority('CN=Partner CA')
    assert.deepEqual(await call(await twin.issue({ subject })), [401, 'certificate.signatureInvalid'])
    const own = await selfSigned({ subject })
    assert.deepEqual(await call(own), [401, 'certificate.selfSigned'])
  })

  it('is not accepted because it is pinned as a trust anchor: nobody vouches for its names', async () => {
    const before = await selfSigned({ subject, from: Date.now() - 30 * hour })
    const anchor = await door.identity.anchors.create({ certificate: before.chain }, 'test')
    await door.certificateKey(before, false)
    assert.deepEqual(await call(before), passes)
    await door.identity.anchors.remove(anchor.fingerprint, 'test')
    const later = await selfSigned({ subject, from: Date.now() - 20 * hour })
    await door.identity.anchors.create({ certificate: later.chain }, 'test')
    assert.deepEqual(await call(later), [401, 'identity.certificateUnknown'])
  })

  it('cannot come for a self-signed one, which is not registered as renewable', async () => {
    const alone = await selfSigned({ subject, from: Date.now() - 30 * hour })
    await assert.rejects(door.certificateKey(alone, false), { code: 'identity.certificateUntrusted' })
  })

  it('that could not be written down is not accepted, and the next call tries again', async () => {
    const [old, newer] = [await issue(30), await issue(20)]
    await door.certificateKey(old, false)
    const { certificates } = door.identity
    const { renew } = certificates
    Object.assign(certificates, { renew: () => Promise.reject(new Error('database gone')) })
    assert.deepEqual(await call(newer), [503, 'certificate.renewalNotStored'])
    assert.deepEqual(await call(old), passes)
    Object.assign(certificates, { renew })
    assert.deepEqual(await call(newer), passes)
  })

  it('is refused when it is not clear which key it would renew', async () => {
    const [old, newer] = [await issue(30), await issue(20)]
    const { key } = await door.certificateKey(old, false)
    // The registry refuses to register such pairs; what was stored otherwise must not let anyone in.
    const { unpinned, pinnedUnder } = door.identity
    Object.assign(door.identity, { pinnedUnder: () => true })
    assert.deepEqual(await call(newer), [401, 'certificate.ambiguous'])
    const twice = { keyId: key.id, newest: 0 }
    Object.assign(door.identity, { pinnedUnder, unpinned: () => [twice, twice] })
    assert.deepEqual(await call(newer), [401, 'certificate.ambiguous'])
    Object.assign(door.identity, { unpinned })
    assert.deepEqual(await call(newer), passes)
  })

  it('is only foretold by a dry run', async () => {
    const [old, newer, oldest] = [await issue(30), await issue(20), await issue(40)]
    const { key } = await door.certificateKey(old, false)
    const ask = (own: Issued) => door.explain({ endpoint: '/http/echo', method: 'GET', certificate: own.chain })
    const answer = await ask(newer)
    assert.deepEqual([answer.accepted, answer.principal?.name], [true, key.clientId])
    const refused = (await ask(oldest)).checks.find(({ outcome }) => outcome === 'refused')
    assert.equal(refused?.code, 'certificate.superseded')
    assert.equal(door.identity.certificates.list({ kind: 'key', id: key.id }).length, 1)
    assert.deepEqual(await call(old), passes)
  })
})
