import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'

import { type Authority, newAuthority } from '../../test/kit/authority.ts'
import { type Calling, echo, type FrontDoor, openFrontDoor } from '../../test/kit/front-door.ts'
import type { HttpRequest } from '../flow/index.ts'
import { readCertificates } from '../keystore/index.ts'
import { Body } from '../message/index.ts'

let door: FrontDoor
let partner: Authority
let auth = ''
let clientId = ''
let proxy: { readonly cert: string; readonly key: string }
let client: { readonly cert: string; readonly key: string }
let clientKeyId = ''
let seen: HttpRequest | undefined

const sequences = (pem: string) => readCertificates(pem).map(({ raw }) => `:${raw.toString('base64')}:`)
const clientCert = (pem: string) => ({ 'Client-Cert': sequences(pem)[0] ?? '' })
const sslClientCert = (pem: string) => ({ 'SSL-Client-Cert': encodeURIComponent(String(readCertificates(pem)[0])) })

before(async () => {
  door = await openFrontDoor()
  const own = await door.ca.issueClient({ commonName: 'balancer', days: 1, keySize: 2048 })
  proxy = { cert: own.chain, key: own.key }
  await door.identity.proxies.create({ name: 'balancer', certificate: own.chain }, 'test')
  const registered = await door.certificateKey()
  client = registered.tls
  clientId = registered.key.clientId
  clientKeyId = registered.key.id
  const { key, secret } = await door.identity.keys.create(registered.instance.id, { name: 's', type: 'secret' }, 'test')
  auth = `${key.clientId}:${secret}`
  partner = await newAuthority('CN=Partner CA')
  await door.identity.anchors.create({ certificate: partner.certificate }, 'test')
})
after(() => door.close())
beforeEach(() => {
  seen = undefined
  door.refusals.length = 0
  door.routes.swap('Echo', [
    echo({ handle: (request) => ((seen = request), { status: 204, headers: [], body: Body.empty }) }),
  ])
})

async function call(headers: Record<string, string | string[]>, calling: Calling = {}) {
  door.refusals.length = 0
  const { status } = await door.call('/http/echo', { ...proxy, ...calling, headers })
  return [status, door.refusals[0]?.code]
}

describe('a trusted proxy', () => {
  it('speaks for the client whose certificate it passes on', async () => {
    for (const headers of [clientCert(client.cert), sslClientCert(client.cert)]) {
      assert.deepEqual(await call({ ...headers, 'X-Forwarded-For': '1.1.1.1, 203.0.113.7' }), [204, undefined])
      assert.equal(seen?.principal.name, clientId)
      assert.deepEqual(
        seen?.headers.filter(([name]) => /cert|forwarded/i.test(name)),
        [['x-forwarded-for', '203.0.113.7']],
      )
    }
  })

  it('passes on intermediates, too', async () => {
    const between = await partner.intermediate('CN=Partner Issuing CA')
    const own = await between.issue({ subject: 'CN=behind' })
    await door.certificateKey(own)
    const [leaf = '', ...chain] = sequences(own.chain)
    assert.deepEqual(await call({ 'Client-Cert': leaf, 'Client-Cert-Chain': chain.join(', ') }), [204, undefined])
  })

  it('is nobody itself', async () => {
    assert.deepEqual(await call({}), [401, 'identity.proxyAlone'])
    assert.deepEqual(await call({ 'SSL-Client-Cert': '' }), [401, 'identity.proxyAlone'])
    assert.deepEqual(await call(clientCert(proxy.cert)), [401, 'identity.proxyAlone'])
  })

  it('is not what a channel lists, even if its own names are there', async () => {
    const [leaf] = readCertificates(proxy.cert)
    const dn = (lines = '') => lines.split('\n').reverse().join(',')
    const certificates = [{ subjectDn: dn(leaf?.subject), issuerDn: dn(leaf?.issuer) }]
    door.routes.swap('Echo', [echo({ authorization: { kind: 'certificate', certificates } })])
    assert.deepEqual(await call({}, { auth }), [403, 'role.certificateNeeded'])
    assert.deepEqual(await call(clientCert(client.cert)), [403, 'role.certificateNotListed'])
  })

  it('passes on an Authorization header, which must be of the same client as the certificate', async () => {
    assert.deepEqual(await call({}, { auth }), [204, undefined])
    assert.deepEqual(await call(clientCert(client.cert), { auth }), [204, undefined])
    const { auth: other } = await door.secretKey()
    assert.deepEqual(await call(clientCert(client.cert), { auth: other }), [401, 'identity.contradictory'])
  })

  it('does not mix up the clients that share its connection', async () => {
    const agent = door.keepAlive(proxy)
    const other = await door.certificateKey()
    const names: unknown[] = []
    for (const [headers, calling] of [
      [clientCert(client.cert), {}],
      [clientCert(other.tls.cert), {}],
      [{}, { auth }],
      [{}, {}],
      [clientCert(client.cert), {}],
    ] as const) {
      seen = undefined
      await call(headers, { ...calling, agent })
      names.push(seen === undefined ? undefined : (seen as HttpRequest).principal.name)
    }
    assert.deepEqual(names, [clientId, other.key.clientId, auth.split(':')[0], undefined, clientId])
  })

  it('passes on certificates that are checked like any other', async () => {
    const unknown = (await partner.issue({ subject: 'CN=x' })).chain
    const expired = (await partner.issue({ subject: 'CN=x', until: Date.now() - 1000 })).chain
    const foreign = (await (await newAuthority('CN=Other')).issue({ subject: 'CN=x' })).chain
    assert.deepEqual(await call(clientCert(unknown)), [401, 'identity.certificateUnknown'])
    assert.match(door.refusals[0]?.certificate?.subject ?? '', /^CN=x/)
    assert.deepEqual(await call(clientCert(expired)), [401, 'certificate.expired'])
    assert.deepEqual(await call(clientCert(foreign)), [401, 'certificate.issuerMissing'])
  })

  it('that passes on nonsense is refused', async () => {
    for (const headers of [
      { 'Client-Cert': 'nonsense' },
      { 'SSL-Client-Cert': 'nonsense' },
      { ...clientCert(client.cert), ...sslClientCert(client.cert) },
      { 'Client-Cert': [sequences(client.cert)[0] ?? '', sequences(client.cert)[0] ?? ''] },
    ])
      assert.deepEqual(await call(headers as Record<string, string>, { auth }), [400, 'proxy.certificateMalformed'])
    assert.deepEqual(await call({ 'X-Forwarded-For': 'me' }, { auth }), [400, 'proxy.addressMalformed'])
  })

  it('says from where the call comes, to policies as well', async () => {
    await door.identity.tenantPolicy.set({ networks: ['203.0.113.0/24'] }, 'test')
    const from = (address: string) => call({ ...clientCert(client.cert), 'X-Forwarded-For': address })
    assert.deepEqual(await from('203.0.113.7'), [204, undefined])
    assert.deepEqual(await from('203.0.113.7, 198.51.100.1'), [403, 'network.addressForbidden'])
    assert.equal(door.refusals[0]?.remoteAddress, '198.51.100.1')
    // Whoever is no proxy is judged by the address of the connection, whatever it says.
    assert.deepEqual(await call({ 'X-Forwarded-For': '203.0.113.7' }, client), [403, 'network.addressForbidden'])
    await door.identity.tenantPolicy.set({ networks: [] }, 'test')
  })

  it('shows the certificate of each client to the verifier of tokens, and remembers no token for others', async () => {
    let bound = ''
    const own = await openFrontDoor({
      tokens: {
        revision: 1,
        verify(_, presented) {
          const identified = presented && own.identity.byCertificate(presented.fingerprint)?.identified
          if (identified !== undefined && presented?.fingerprint === bound)
            return { ...identified, method: 'bearer', until: Number.POSITIVE_INFINITY }
          return { code: 'bound', reason: 'The token is bound to another certificate.', remedy: 'Use that one.' }
        },
      },
    })
    own.routes.swap('Echo', [echo()])
    const balancer = await own.ca.issueClient({ commonName: 'balancer', days: 1, keySize: 2048 })
    await own.identity.proxies.create({ name: 'balancer', certificate: balancer.chain }, 'test')
    const agent = own.keepAlive({ cert: balancer.chain, key: balancer.key })
    const [one, two] = [await own.certificateKey(), await own.certificateKey()]
    bound = readCertificates(one.tls.cert)[0]?.fingerprint256.replaceAll(':', '').toLowerCase() ?? ''
    const outcomes: unknown[] = []
    for (const { tls } of [one, two, one]) {
      const headers = { ...clientCert(tls.cert), Authorization: 'Bearer x' }
      const { status, headers: answered } = await own.call('/http/echo', { agent, headers })
      outcomes.push(status, answered['www-authenticate'])
    }
    const challenge = 'Bearer realm="Sluice", error="invalid_token"'
    assert.deepEqual(outcomes, [200, undefined, 401, challenge, 200, undefined])
    assert.deepEqual(
      own.refusals.map(({ code }) => code),
      ['token.bound'],
    )
    await own.close()
  })

  it('ends on its next call when it is removed, and the client when its key is', async () => {
    const agent = door.keepAlive(proxy)
    const { key, tls } = await door.certificateKey()
    assert.deepEqual(await call(clientCert(tls.cert), { agent }), [204, undefined])
    await door.identity.keys.remove(key.id, 'test')
    assert.deepEqual(await call(clientCert(tls.cert), { agent }), [401, 'identity.certificateUnknown'])
    const [registered] = door.identity.proxies.list()
    await door.identity.proxies.remove(registered?.fingerprint ?? '', 'test')
    assert.deepEqual(await call(clientCert(client.cert), { agent }), [401, 'identity.certificateUnknown'])
    await door.identity.proxies.create({ name: 'balancer', certificate: proxy.cert }, 'test')
    assert.ok(door.identity.keys.find(clientKeyId))
  })
})

describe('whoever is no trusted proxy', () => {
  it('says nothing by such headers: they are dropped, and the call is judged without them', async () => {
    const other = await door.certificateKey()
    const headers = { ...clientCert(client.cert), 'X-Forwarded-For': '10.0.0.1', SSL_CLIENT_CERT: 'nonsense' }
    assert.deepEqual(await call(headers, { ...other.tls, agent: door.keepAlive(other.tls) }), [204, undefined])
    assert.equal(seen?.principal.name, other.key.clientId)
    assert.deepEqual(
      seen?.headers.filter(([name]) => /cert|forwarded/i.test(name)),
      [['x-forwarded-for', '127.0.0.1']],
    )
    const { status } = await door.call('/http/echo', { headers })
    assert.deepEqual([status, door.refusals.at(-1)?.code], [401, 'identity.credentialMissing'])
    assert.equal((await door.call('/http/echo', { headers, auth })).status, 204)
  })
})
