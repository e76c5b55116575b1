import type { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import type { Socket } from 'node:net'
import { connect as startTls, rootCertificates, type ConnectionOptions, type TLSSocket } from 'node:tls'

import { judge, sentChain } from './judge-certificate.ts'
import type { Run } from './run.ts'

export interface TlsWishes {
  /** For SNI and for the check of the certificate's names. */
  readonly host: string
  /** False: the certificate is looked at and shown, but not demanded to be right. */
  readonly validate: boolean
  readonly alpn?: readonly string[]
  /** Of the key pair that is shown to the server; absent or empty for none. */
  readonly keyAlias?: string
}

/**
 * Encrypts a connection and shows what the server showed: chain, protocol, cipher. The handshake is always completed,
 * so that the chain can be shown; nothing is sent through it before the certificate was judged.
 * @throws connectivity.keyPairMissing and those of `judge` and `explain`
 */
export async function secure(run: Run, socket: Socket, wishes: TlsWishes): Promise<TLSSocket> {
  const { host, validate, alpn, keyAlias = '' } = wishes
  const pair = keyAlias === '' ? undefined : await run.keyPair(keyAlias)
  const trusted = await run.context.trusted()
  return await run.step('tls', async (note) => {
    const options: ConnectionOptions = {
      socket,
      // Judged below, where there are words for it.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
      ca: [...rootCertificates, ...trusted.map((anchor) => anchor.toString())],
      allowPartialTrustChain: true,
      minVersion: 'TLSv1.2',
      ...(isIP(host) === 0 && { servername: host }),
      ...(alpn && { ALPNProtocols: [...alpn] }),
      ...(pair && { cert: pair.chain, key: pair.key.export({ format: 'pem', type: 'pkcs8' }) }),
    }
    const secured = run.own(await handshake(run, options))
    const chain = sentChain(secured)
    run.show(chain)
    const { protocol, cipher } = describe(run, secured)
    run.facts['clientCertificate'] = pair === undefined ? 'none sent' : 'available to the server'
    const flaw = judge({
      host,
      chain,
      problem: secured.authorizationError,
      authorized: secured.authorized,
      trusted,
    })
    run.facts['validation'] =
      flaw === undefined ? 'passed' : validate ? 'failed' : `off; it would fail: ${flaw.message}`
    expiry(run, chain)
    note(`${protocol} with ${cipher}`)
    if (flaw !== undefined && validate) throw flaw
    return secured
  })
}

async function handshake(run: Run, options: ConnectionOptions): Promise<TLSSocket> {
  const secured = run.own(startTls(options))
  await new Promise<void>((resolve, reject) => {
    secured.once('secureConnect', resolve)
    secured.once('error', reject)
    secured.once('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })))
  })
  secured.on('error', () => {})
  return secured
}

function describe(run: Run, secured: TLSSocket): { readonly protocol: string; readonly cipher: string } {
  const protocol = secured.getProtocol() ?? ''
  const { standardName: cipher } = secured.getCipher()
  run.facts['protocol'] = protocol
  run.facts['cipher'] = cipher
  run.facts['alpn'] = typeof secured.alpnProtocol === 'string' ? secured.alpnProtocol : 'none'
  const exchange = secured.getEphemeralKeyInfo() as { type?: string; name?: string; size?: number } | null
  if (exchange?.type !== undefined) run.facts['keyExchange'] = [exchange.type, exchange.name ?? exchange.size].join(' ')
  return { protocol, cipher }
}

function expiry(run: Run, [leaf]: readonly X509Certificate[]): void {
  if (leaf === undefined) return
  run.facts['expiresInDays'] = Math.floor((leaf.validToDate.getTime() - run.context.clock.now()) / 86_400_000)
}
