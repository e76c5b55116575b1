import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { createServer, connect, type TLSSocket } from 'node:tls'
import { before, it } from 'node:test'

import { systemClock } from '../base/index.ts'
import { type BuiltInCa, createBuiltInCa, type Issued, openBuiltInCa } from './built-in-ca.ts'
import { factsOf, readCertificates } from './certificates.ts'

let ca: BuiltInCa
let server: Issued
let client: Issued

before(async () => {
  const made = await createBuiltInCa({ clock: systemClock, name: 'Test CA' })
  ca = openBuiltInCa({ certificate: made.chain, key: made.key, clock: systemClock })
  server = await ca.issueServer({ hostNames: ['sluice.example'] })
  client = await ca.issueClient({ commonName: 'client', days: 1, keySize: 2048 })
})

/** One handshake in which both sides insist on the other's certificate; gives who the server saw. */
async function handshake(clientSide: Issued, serverSide: Issued, host: string): Promise<string> {
  const listener = createServer({ key: serverSide.key, cert: serverSide.chain, ca: ca.certificate, requestCert: true })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as { port: number }
  const seen = once(listener, 'secureConnection') as Promise<[TLSSocket]>
  const failed = once(listener, 'tlsClientError').then(([error]) => Promise.reject(error as Error))
  const socket = connect({ port, servername: host, key: clientSide.key, cert: clientSide.chain, ca: ca.certificate })
  const refused = once(socket, 'error').then(([error]) => Promise.reject(error as Error))
  try {
    await Promise.race([once(socket, 'secureConnect'), refused])
    const [accepted] = await Promise.race([seen, failed, refused])
    return accepted.getPeerX509Certificate()?.subject ?? ''
  } finally {
    for (const loose of [failed, refused]) loose.catch(() => undefined)
    socket.destroy()
    listener.close()
  }
}

for (const host of ['localhost', 'sluice.example']) {
  it(`a client that trusts the CA reaches ${host}, and is known by its certificate`, async () => {
    assert.match(await handshake(client, server, host), /CN=client/)
  })
}

it('the server certificate does not stand for other hosts', async () => {
  await assert.rejects(handshake(client, server, 'other.example'), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
})

it('certificates serve one purpose: neither client as server nor server as client', async () => {
  await assert.rejects(handshake(client, client, 'localhost'))
  await assert.rejects(handshake(server, server, 'localhost'))
})

it('the server certificate names the loopback addresses', () => {
  const [leaf] = readCertificates(server.chain)
  for (const address of ['127.0.0.1', '::1']) assert.equal(leaf?.checkIP(address), address)
  assert.equal(factsOf(leaf as X509Certificate).forClients, false)
})

it('the CA may issue leaves and nothing below them; no leaf outlives it', async () => {
  const short = await createBuiltInCa({ clock: systemClock, name: 'Short', days: 3 })
  const authority = new X509Certificate(short.chain)
  assert.equal(authority.ca, true)
  const issued = await openBuiltInCa({ certificate: short.chain, key: short.key, clock: systemClock }).issueClient({
    commonName: 'x',
    days: 365,
    keySize: 2048,
  })
  const [leaf] = readCertificates(issued.chain)
  assert.equal(leaf?.ca, false)
  assert.equal(leaf?.validToDate.getTime(), authority.validToDate.getTime())
})

it('the key size is the one asked for', async () => {
  const issued = await ca.issueClient({ commonName: 'x', days: 1, keySize: 3072 })
  assert.equal(factsOf(new X509Certificate(issued.chain)).keyType, 'RSA 3072')
})
