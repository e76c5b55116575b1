import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { before, describe, it } from 'node:test'

import { newTenant, type Tenant } from '../../test/kit/front-door.ts'
import { selfSigned } from '../../test/kit/authority.ts'
import { callerOf } from './caller-of.ts'
import { newConnection, presentedOf } from './connection.ts'

let tenant: Tenant
let proxy: X509Certificate
let client: X509Certificate

before(async () => {
  tenant = await newTenant()
  const issued = async (commonName: string) =>
    new X509Certificate((await tenant.ca.issueClient({ commonName, days: 1, keySize: 2048 })).chain)
  proxy = await issued('balancer')
  client = await issued('client')
  await tenant.identity.proxies.create({ name: 'balancer', certificate: proxy.toString() }, 'test')
})

const passedOn = (certificate: X509Certificate) => ({ 'Client-Cert': `:${certificate.raw.toString('base64')}:` })
async function caller(headers: Readonly<Record<string, string>>, certificate: X509Certificate | undefined = proxy) {
  const connection = newConnection('10.0.0.1', certificate && presentedOf(certificate, []))
  const request = { method: 'POST', url: '/oauth/token', rawHeaders: Object.entries(headers).flat() }
  const found = await callerOf(tenant.authenticator, connection, request)
  return 'why' in found
    ? found.why.code
    : [found.remoteAddress, found.presented?.certificate.fingerprint256 === client.fingerprint256]
}

describe('the caller of a request', () => {
  it('is what a trusted proxy says', async () => {
    assert.deepEqual(await caller({ ...passedOn(client), 'X-Forwarded-For': '1.1.1.1, 203.0.113.7' }), [
      '203.0.113.7',
      true,
    ])
    assert.deepEqual(await caller({ 'X-Forwarded-For': '203.0.113.7' }), ['203.0.113.7', false])
    assert.deepEqual(await caller({}), ['10.0.0.1', false])
  })

  it('never has the certificate of the proxy itself', async () => {
    const connection = newConnection('10.0.0.1', presentedOf(proxy, []))
    const found = await callerOf(tenant.authenticator, connection, { method: 'GET', url: '/', rawHeaders: [] })
    assert.equal('presented' in found ? found.presented : 'refused', undefined)
  })

  it('is the other end of the connection for everybody else, whatever they say', async () => {
    const headers = { ...passedOn(proxy), 'X-Forwarded-For': '203.0.113.7' }
    assert.deepEqual(await caller(headers, client), ['10.0.0.1', true])
    const connection = newConnection('10.0.0.9', undefined)
    const request = { method: 'GET', url: '/', rawHeaders: Object.entries(headers).flat() }
    assert.equal(await callerOf(tenant.authenticator, connection, request), connection)
  })

  it('is refused where what the proxy says cannot be read', async () => {
    assert.equal(await caller({ 'X-Forwarded-For': 'somewhere' }), 'proxy.addressMalformed')
    assert.equal(await caller({ 'Client-Cert': 'x' }), 'proxy.certificateMalformed')
  })

  it('keeps a certificate that was passed on and is not trusted: whoever asks for it judges it', async () => {
    const foreign = new X509Certificate((await selfSigned({ subject: 'CN=foreign' })).chain)
    assert.deepEqual(await caller({ ...passedOn(foreign), 'X-Forwarded-For': '203.0.113.7' }), ['203.0.113.7', false])
  })

  it('counts no wrong secret: the Authorization header is not looked at', async () => {
    const wrong = { Authorization: `Basic ${Buffer.from('ada:wrong').toString('base64')}` }
    for (let tries = 0; tries < 60; tries++) assert.deepEqual(await caller(wrong), ['10.0.0.1', false])
  })

  it('is refused where the proxy is trusted no more', async () => {
    tenant.trust.set({ anchors: [], crls: [], publicRoots: false, revocation: 'off', minimumRsaBits: 2048 })
    assert.match(String(await caller(passedOn(client))), /^certificate\./)
  })
})
