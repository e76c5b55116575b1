/** How many tokens a second: the authorization server against a bare server that signs the same claims with `jose`. */
import { type ChildProcess, fork } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { createServer, type Server } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'

import { SignJWT } from 'jose'

import type { Peer } from '../src/auth/index.ts'
import { systemClock as clock } from '../src/base/index.ts'
import { createBuiltInCa, fingerprintOf, openBuiltInCa } from '../src/keystore/index.ts'
import { claimsIn, openAuthorizationWorld } from '../test/kit/authorization.ts'
import type { Result } from './load.ts'
import { loadFrom } from './load-process.ts'
import { best, line, ratio } from './report.ts'

/** What the load needs of both servers, which are in one process of their own and take turns. */
interface Started {
  readonly ca: string
  readonly jose: number
  readonly sluice: number
  readonly basic: string
  readonly client: { readonly cert: string; readonly key: string }
  /** Signatures a second in a loop, without a server. */
  readonly signing: number
}

/** Measures client credentials over connections that stay open, by secret and by certificate. */
export async function compareTokens({
  seconds,
  rounds,
}: {
  readonly seconds: number
  readonly rounds: number
}): Promise<void> {
  const child: ChildProcess = fork(import.meta.filename, [], { stdio: 'inherit' })
  try {
    const { ca, jose, sluice, basic, client, signing } = await new Promise<Started>((resolve, reject) => {
      child.once('message', (message) => resolve(message as Started))
      child.once('exit', (code) => reject(new Error(`the token server ended with ${code}`)))
    })
    const common = {
      ca,
      path: '/oauth/token',
      body: 'grant_type=client_credentials',
      contentType: 'application/x-www-form-urlencoded',
      connections: 32,
      warmUp: 2_000,
      duration: seconds * 1000,
    }
    const results: Record<'bare' | 'secret' | 'certificate', Result[]> = { bare: [], secret: [], certificate: [] }
    for (let round = 0; round < rounds; round++) {
      results.bare.push(await loadFrom({ ...common, port: jose, authorization: basic }))
      results.secret.push(await loadFrom({ ...common, port: sluice, authorization: basic }))
      results.certificate.push(await loadFrom({ ...common, port: sluice, ...client }))
    }
    console.log('\n(d) tokens by client credentials, ES256')
    console.log(`  jose, signing alone         ${signing.toFixed(0).padStart(8)} /s`)
    console.log(line('  bare node:https and jose', best(results.bare), 'tokens'))
    console.log(line('  Sluice, secret by Basic', best(results.secret), 'tokens'))
    console.log(line('  Sluice, mTLS', best(results.certificate), 'tokens'))
    console.log(ratio(best(results.secret).rate, best(results.bare).rate))
  } finally {
    child.kill()
  }
}

const listen = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.keepAliveTimeout = 60_000
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })

/** Starts both servers in this process. */
async function serve(): Promise<Started> {
  const world = await openAuthorizationWorld()
  const bySecret = await world.client()
  const byCertificate = await world.client({}, { name: 'key', type: 'certificate' })
  const made = await createBuiltInCa({ clock, name: 'Bench' })
  const { chain, key } = await openBuiltInCa({ certificate: made.chain, key: made.key, clock }).issueServer({
    hostNames: ['localhost'],
  })
  const tls = { cert: chain, key, requestCert: true, rejectUnauthorized: false }
  const { json } = await world.form({ grant_type: 'client_credentials' }, bySecret.basic)
  const claims = claimsIn(json.access_token)
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const signed = () => new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'k', typ: 'JWT' }).sign(privateKey)
  const bare = createServer(tls, (request, response) => void answerBare(request, response, signed))
  const ours = createServer(tls, (request, response) => world.server.handle(request, response, peerOf(request)))
  const until = performance.now() + 2000
  let signatures = 0
  for (; performance.now() < until; signatures++) await signed()
  return {
    ca: made.chain,
    jose: await listen(bare),
    sluice: await listen(ours),
    basic: bySecret.basic.authorization,
    client: { cert: byCertificate.opened.certificate ?? '', key: byCertificate.opened.privateKey ?? '' },
    signing: signatures / 2,
  }
}

async function answerBare(
  request: IncomingMessage,
  response: ServerResponse,
  signed: () => Promise<string>,
): Promise<void> {
  for await (const _ of request);
  const text = JSON.stringify({ access_token: await signed(), token_type: 'bearer', expires_in: 3600 })
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
  response.end(text)
}

const peers = new WeakMap<object, Peer>()

/** Worked out once for a connection, as the control address does it. */
function peerOf({ socket }: IncomingMessage): Peer {
  const known = peers.get(socket)
  if (known !== undefined) return known
  const certificate = (socket as TLSSocket).getPeerX509Certificate()
  const fingerprint = certificate && fingerprintOf(certificate)
  const peer = { remoteAddress: socket.remoteAddress ?? '', certificate, fingerprint }
  peers.set(socket, peer)
  return peer
}

if (process.argv[1] === import.meta.filename) void serve().then((started) => process.send?.(started))
