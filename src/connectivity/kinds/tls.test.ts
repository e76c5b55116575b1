import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { describe, it } from 'node:test'
import type { TlsOptions } from 'node:tls'

import { contextWith, plainServer, runTest, testAuthority, tlsServer } from '../../../test/kit/connectivity.ts'
import { certificatesZip } from '../index.ts'
import { readZip } from '../../formats/index.ts'

const ca = await testAuthority()
const year = 365 * 86_400_000
const past = await testAuthority(-2 * year)
const future = await testAuthority(year)
const trusting = contextWith({ trusted: () => Promise.resolve([ca.anchor]) })
const options = async (more: TlsOptions = {}, hostNames: readonly string[] = []): Promise<TlsOptions> => {
  const { chain, key } = await ca.server(hostNames)
  return { cert: chain, key, ...more }
}

describe('the TLS test', () => {
  it('shows chain, protocol, cipher and ALPN of a server that is trusted', async () => {
    await using server = await tlsServer(await options({ ALPNProtocols: ['h2'] }))
    const result = await runTest('tls', { host: 'localhost', port: `${server.port}`, alpn: 'h2,http/1.1' }, trusting)
    assert.equal(result.problem, undefined)
    assert.equal(result.summary, `Successfully reached host at localhost:${server.port}`)
    assert.deepEqual(
      result.steps.map(({ name, ok }) => [name, ok]),
      ['resolve', 'connect', 'tls', 'handshake'].map((name) => [name, true]),
    )
    const { protocol, cipher, alpn, validation, expiresInDays } = result.facts
    assert.deepEqual([protocol, alpn, validation, expiresInDays], ['TLSv1.3', 'h2', 'passed', 29])
    assert.match(String(cipher), /^TLS_/)
    assert.equal(result.certificates.length, 2)
    assert.equal(new X509Certificate(result.certificates[1]?.pem ?? '').fingerprint256, ca.anchor.fingerprint256)
  })

  it('gives the chain as a zip of .cer files, also when the server is not trusted', async () => {
    await using server = await tlsServer(await options())
    const result = await runTest('tls', { host: 'localhost', port: `${server.port}` })
    assert.equal(result.problem?.code, 'connectivity.issuerUntrusted')
    const files = await readZip(await certificatesZip(result))
    assert.deepEqual(
      [...files.keys()].map((name) => name.replace(/CA_.*/, 'CA')),
      ['01-localhost.cer', '02-Test_CA'],
    )
    assert.match(Buffer.from([...files.values()][0] ?? '').toString(), /^-----BEGIN CERTIFICATE-----/)
  })

  it('goes on without validation, and says what would be wrong', async () => {
    await using server = await tlsServer(await options())
    const inputs = { host: 'localhost', port: `${server.port}`, validateServerCertificate: 'false' }
    const result = await runTest('tls', inputs)
    assert.equal(result.ok, true)
    assert.match(String(result.facts['validation']), /^off; it would fail: The chain of the server ends at/)
  })

  it('takes the certificate itself for an anchor', async () => {
    const { cert, key } = await options()
    await using server = await tlsServer({ cert, key })
    const leaf = new X509Certificate(String(cert))
    const context = contextWith({ trusted: () => Promise.resolve([leaf]) })
    assert.equal((await runTest('tls', { host: 'localhost', port: `${server.port}` }, context)).ok, true)
  })

  const failures: readonly (readonly [
    what: string,
    server: () => Promise<TlsOptions>,
    code: string,
    reason: RegExp,
    context?: () => Promise<typeof trusting>,
  ])[] = [
    [
      'a certificate for another host, with the names in it',
      async () => {
        const other = await ca.client('somebody')
        return { cert: other.chain, key: other.pem }
      },
      'certificateInvalid',
      /not issued for servers/,
    ],
    [
      'a certificate that has expired',
      async () => {
        const { chain, key } = await past.server(['localhost'], 1)
        return { cert: chain, key }
      },
      'certificateExpired',
      /'CN=localhost.*' expired at 20/,
      async () => contextWith({ trusted: () => Promise.resolve([past.anchor]) }),
    ],
    [
      'a certificate that is not valid yet',
      async () => {
        const { chain, key } = await future.server()
        return { cert: chain, key }
      },
      'certificateNotYetValid',
      /not valid before 20/,
      async () => contextWith({ trusted: () => Promise.resolve([future.anchor]) }),
    ],
    [
      'a certificate whose issuer was not sent',
      async () => {
        const { chain, key } = await ca.server()
        return { cert: chain.slice(0, chain.indexOf('-----END') + 26), key }
      },
      'issuerUntrusted',
      /issuer '.*Test CA.*' is missing.*sent its own certificate alone/,
      async () => contextWith(),
    ],
    [
      'an old version of TLS',
      () => options({ maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' }),
      'tlsVersion',
      /no version of TLS that is still safe/,
    ],
    [
      'no common cipher',
      () => options({ maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA', honorCipherOrder: true, sigalgs: 'RSA+SHA256' }),
      'tlsNoCommonCipher',
      /no cipher, curve or signature in common/,
    ],
    [
      'a demand for a client certificate (TLS 1.3)',
      () => options({ requestCert: true, ca: ca.certificate }),
      'clientCertificateRequired',
      /demands a client certificate/,
    ],
    [
      'a demand for a client certificate (TLS 1.2)',
      () => options({ requestCert: true, ca: ca.certificate, maxVersion: 'TLSv1.2' }),
      'tlsNoCommonCipher',
      /ended the handshake/,
    ],
    [
      'no protocol in common',
      () => options({ ALPNProtocols: ['amqp'] }),
      'tlsAlert',
      /no_application_protocol.*speaks none of the protocols offered/,
    ],
  ]
  for (const [what, server, code, reason, context] of failures)
    it(`names ${what}`, async () => {
      await using running = await tlsServer(await server())
      const inputs = { host: 'localhost', port: `${running.port}`, alpn: 'h2' }
      const result = await runTest('tls', inputs, await (context?.() ?? trusting))
      assert.equal(result.problem?.code, `connectivity.${code}`, JSON.stringify(result.problem))
      assert.match(result.problem.reason, reason)
      assert.equal(result.steps.at(-1)?.ok, false)
    })

  it('names a host that the certificate is not for, and those that it is for', async () => {
    await using server = await tlsServer(await options({}, ['sap.example']))
    const context = contextWith({
      trusted: () => Promise.resolve([ca.anchor]),
      resolve: () => Promise.resolve(['127.0.0.1']),
    })
    const result = await runTest('tls', { host: 'other.example', port: `${server.port}` }, context)
    assert.equal(result.problem?.code, 'connectivity.hostNameMismatch')
    assert.match(result.problem.reason, /not for other\.example: it is for localhost, .*sap\.example/)
    assert.equal(result.certificates.length, 2)
    assert.equal((await runTest('tls', { host: 'sap.example', port: `${server.port}` }, context)).ok, true)
  })

  it('shows a client certificate by its alias; one of a strange issuer is refused', async () => {
    const strange = await testAuthority()
    const pairs = new Map([
      ['mine', await ca.client('mine')],
      ['strange', await strange.client('strange')],
    ])
    const context = contextWith({
      trusted: () => Promise.resolve([ca.anchor]),
      keyPair: (alias) => Promise.resolve(pairs.get(alias)),
    })
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      await using server = await tlsServer(await options({ requestCert: true, ca: ca.certificate, maxVersion }))
      const inputs = { host: 'localhost', port: `${server.port}`, authenticateWithClientCertificate: 'true' }
      assert.equal((await runTest('tls', { ...inputs, alias: 'mine' }, context)).ok, true)
      const refused = await runTest('tls', { ...inputs, alias: 'strange' }, context)
      // Node closes without an alert; servers that send one are in the heavy tests.
      assert.match(refused.problem?.code ?? '', /connectionBroken|clientCertificateRefused/, maxVersion)
      assert.match(refused.problem?.remedy ?? '', /client certificate/)
      const unknown = await runTest('tls', { ...inputs, alias: 'nobody' }, context)
      assert.equal(unknown.problem?.code, 'connectivity.keyPairMissing')
    }
  })

  it('names a server that speaks no TLS', async () => {
    await using server = await plainServer((socket) => socket.on('data', () => socket.end('220 hello, say EHLO\r\n')))
    const result = await runTest('tls', { host: 'localhost', port: `${server.port}` })
    assert.equal(result.problem?.code, 'connectivity.notTls')
  })
})
