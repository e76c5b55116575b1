import type { X509Certificate } from 'node:crypto'

import type { OpenPage } from '../inbound/index.ts'
import type { Identity, Method } from '../identity/index.ts'
import { factsOf, readCertificates } from '../keystore/index.ts'

const methodWords: Readonly<Record<Method, string>> = {
  certificate: 'client certificate (mutual TLS)',
  clientSecret: 'Basic with client id and secret of a service key',
  password: "Basic with a user's name and password",
  bearer: 'OAuth 2 bearer token',
}

/**
 * What a sender's administrator needs before the first call, open to everybody: the certificates to trust, the address,
 * the ways to authenticate and the limits. Nothing here helps an attacker: the handshake shows the same certificates.
 */
export function endpointPages(given: {
  readonly tenant: string
  /** Of the server, PEM, leaf first and root last. */
  readonly chain: () => string
  readonly identity: Pick<Identity, 'policy'>
  readonly limits: { readonly headerSize: number; readonly idle: number; readonly request: number }
  readonly url: () => string
  /** Undefined while the control process does not listen. */
  readonly tokenUrl: () => string | undefined
}): Readonly<Record<string, OpenPage>> {
  const { tenant, chain, identity, limits, url, tokenUrl } = given

  const certificates = () => readCertificates(chain())
  const root = () => certificates().at(-1) as X509Certificate
  const facts = () => ({
    tenant,
    url: url(),
    tokenUrl: tokenUrl(),
    tls: ['TLSv1.2', 'TLSv1.3'],
    serverNameRequired: identity.policy().serverNameRequired,
    serverCertificates: certificates().map((certificate) => {
      const { subject, issuer, fingerprint, validTo } = factsOf(certificate)
      return { subject, issuer, sha256: fingerprint, validTo: new Date(validTo).toISOString() }
    }),
    authentication: identity.policy().methods.map((method) => ({ method, meaning: methodWords[method] })),
    clientCertificates: {
      publicRoots: identity.policy().publicRoots,
      selfSigned: identity.policy().pinOnRegistration ? 'when registered' : 'refused',
      extendedKeyUsage: 'clientAuth (1.3.6.1.5.5.7.3.2)',
    },
    limits: {
      headerBytes: limits.headerSize,
      secondsWithoutByte: limits.idle / 1000,
      secondsPerRequest: limits.request / 1000,
      bodyBytes: 'as the channel says',
    },
  })

  const text =
    (type: string, make: () => string | Buffer): OpenPage =>
    async () => ({ status: 200, type, body: make() })
  return {
    '/': text('text/html; charset=utf-8', () => page(facts())),
    '/server/info.json': text('application/json', () => `${JSON.stringify(facts(), undefined, 2)}\n`),
    '/server/root.cer': text('application/pkix-cert', () => root().raw),
    '/server/root.pem': text('application/x-pem-file', () => root().toString()),
    '/server/chain.pem': text('application/x-pem-file', chain),
  }
}

const escaped = (text: string): string =>
  text.replaceAll(/[&<>"]/g, (sign) => `&${{ '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot' }[sign]};`)

interface Facts {
  readonly tenant: string
  readonly url: string
  readonly tokenUrl: string | undefined
  readonly serverCertificates: readonly {
    readonly subject: string
    readonly sha256: string
    readonly validTo: string
  }[]
  readonly authentication: readonly { readonly meaning: string }[]
  readonly clientCertificates: { readonly publicRoots: boolean; readonly selfSigned: string }
  readonly limits: {
    readonly headerBytes: number
    readonly secondsWithoutByte: number
    readonly secondsPerRequest: number
  }
}

function page({
  tenant,
  url,
  tokenUrl,
  serverCertificates,
  authentication,
  clientCertificates,
  limits,
}: Facts): string {
  const rows = serverCertificates.map(
    ({ subject, sha256, validTo }) =>
      `<tr><td>${escaped(subject)}<td><code>${sha256}</code><td>${validTo.slice(0, 10)}</tr>`,
  )
  const ways = authentication.map(({ meaning }) => `<li>${escaped(meaning)}</li>`)
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Sluice: tenant ${escaped(tenant)}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:3rem auto;padding:0 1rem}code{background:#eee;padding:.1em .3em;font-size:.85em;overflow-wrap:anywhere}td,th{text-align:left;padding:.2em .8em .2em 0;vertical-align:top}</style>
<h1>How to call the flows of tenant ${escaped(tenant)}</h1>
<p>Address: <code>${escaped(url)}</code> followed by the address of the flow, such as <code>/http/…</code>.</p>
<h2>1. Let the sender trust this server</h2>
<p>Import the last certificate of this list, the root: <a href="/server/root.cer">root.cer</a> (DER) or
<a href="/server/root.pem">root.pem</a>; the whole chain is <a href="/server/chain.pem">chain.pem</a>.</p>
<table><tr><th>certificate<th>SHA-256<th>valid to</tr>
${rows.join('\n')}
</table>
<h2>2. Let this server know the sender</h2>
<ul>
${ways.join('\n')}
</ul>
${tokenUrl === undefined ? '' : `<p>Tokens are issued at <code>${escaped(tokenUrl)}</code>.</p>`}
<p>Client certificates need the extended key usage clientAuth. They are taken from the built-in CA,
${clientCertificates.publicRoots ? 'the public CAs, ' : ''}and CAs that the administrator added;
self-signed ones: ${escaped(clientCertificates.selfSigned)}.</p>
<h2>Limits</h2>
<ul>
<li>Headers: ${limits.headerBytes} bytes</li>
<li>Pause while a request is sent: ${limits.secondsWithoutByte} s; a whole request: ${limits.secondsPerRequest} s</li>
<li>Bodies: as the channel of the flow says</li>
</ul>
<p>The same as JSON: <a href="/server/info.json">info.json</a>. A refused call gets a reference, by which the administrator finds the reason.</p>
</html>
`
}
