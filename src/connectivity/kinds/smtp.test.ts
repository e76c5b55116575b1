import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import type { Socket } from 'node:net'
import { describe, it } from 'node:test'
import { TLSSocket } from 'node:tls'

import {
  contextWith,
  lineServer,
  plainServer,
  runTest,
  testAuthority,
  tlsServer,
} from '../../../test/kit/connectivity.ts'
import { smtpSink } from '../../../test/kit/smtp-sink.ts'

const password = 'geheim-4711'
const ca = await testAuthority()
const { chain: cert, key } = await ca.server()
const context = contextWith({
  trusted: () => Promise.resolve([ca.anchor]),
  userCredential: (alias) => Promise.resolve(alias === 'mail' ? { user: 'anna', password } : undefined),
})

interface Behaviour {
  readonly greeting?: string
  readonly starttls?: boolean | 'refused' | 'injected'
  readonly mechanisms?: string
  readonly sender?: string
}

/** A mail server of a few lines that can change to TLS; `auth` answers what follows AUTH. */
function mail(behaviour: Behaviour = {}, heard: string[] = []) {
  const { greeting = '220 ready', starttls = true, mechanisms = 'PLAIN LOGIN CRAM-MD5', sender = '250 ok' } = behaviour
  const serve = (socket: Socket, greets: boolean): void => {
    let pending: ((line: string) => string) | undefined
    if (greets) socket.write(`${greeting}\r\n`)
    lineServer(socket, (line) => {
      heard.push(line)
      if (pending !== undefined) return pending(line)
      if (line.startsWith('EHLO')) {
        const more = socket instanceof TLSSocket || starttls === false ? '' : '250-STARTTLS\r\n'
        return `250-here\r\n250-SIZE 1000\r\n${more}250 AUTH ${mechanisms}`
      }
      if (line === 'STARTTLS') {
        if (starttls === 'refused') return '454 no certificate'
        socket.removeAllListeners('data')
        socket.write(starttls === 'injected' ? '220 go\r\n250 injected\r\n' : '220 go\r\n')
        serve(
          new TLSSocket(socket, { isServer: true, cert, key }).on('error', () => {}),
          false,
        )
        return undefined
      }
      if (line.startsWith('AUTH PLAIN '))
        return Buffer.from(line.slice(11), 'base64').toString() === `\0anna\0${password}`
          ? '235 ok'
          : `535 wrong ${line}`
      if (line === 'AUTH CRAM-MD5') {
        const proof = createHmac('md5', password).update('<1@here>').digest('hex')
        pending = (answer) => {
          pending = undefined
          return Buffer.from(answer, 'base64').toString() === `anna ${proof}` ? '235 ok' : '535 wrong'
        }
        return `334 ${Buffer.from('<1@here>').toString('base64')}`
      }
      if (line.startsWith('MAIL')) return sender
      if (line.startsWith('RCPT')) return line.includes('nobody') ? '550 5.1.1 no such user' : '250 ok'
      return line === 'QUIT' ? '221 bye' : '250 ok'
    })
  }
  return plainServer((socket) => serve(socket, true))
}

const logOn = { authentication: 'plain', credentialName: 'mail' }

describe('the SMTP test', () => {
  it('changes to TLS, logs on and checks addresses', async () => {
    const heard: string[] = []
    await using server = await mail({}, heard)
    const inputs = {
      host: 'localhost',
      port: `${server.port}`,
      checkMailAddresses: 'true',
      from: 'a@b.example',
      to: 'c@d.example',
    }
    const result = await runTest('smtp', { ...inputs, ...logOn }, context)
    assert.equal(result.problem, undefined)
    assert.deepEqual(
      result.steps.map(({ name }) => name),
      ['resolve', 'connect', 'greeting', 'handshake', 'tls', 'greeting', 'authenticate', 'check addresses'],
    )
    assert.deepEqual(result.facts['authenticationMethods'], ['PLAIN', 'LOGIN', 'CRAM-MD5'])
    assert.equal(result.certificates.length, 2)
    assert.deepEqual(heard.slice(-3), ['RCPT TO:<c@d.example>', 'RSET', 'QUIT'])
    assert.ok(!heard.some((line) => line.startsWith('DATA')))
  })

  it('proves the password without sending it', async () => {
    const heard: string[] = []
    await using server = await mail({}, heard)
    const inputs = { host: 'localhost', port: `${server.port}`, ...logOn, authentication: 'encrypted' }
    const result = await runTest('smtp', inputs, context)
    assert.equal(result.steps.at(-1)?.detail, 'logged on with CRAM-MD5')
  })

  it('speaks TLS from the start', async () => {
    await using server = await tlsServer({ cert, key }, (socket) => {
      socket.write('220 ready\r\n')
      lineServer(socket, () => '250 ok')
    })
    const result = await runTest('smtp', { host: 'localhost', port: `${server.port}`, protection: 'smtps' }, context)
    assert.equal(result.ok, true)
    assert.equal(result.facts['protocol'], 'TLSv1.3')
  })

  it('goes on in the clear only when STARTTLS is optional', async () => {
    await using sink = await smtpSink()
    const inputs = { host: '127.0.0.1', port: `${sink.port}` }
    const mandatory = await runTest('smtp', inputs, context)
    assert.equal(mandatory.problem?.code, 'connectivity.starttlsNotOffered')
    for (const protection of ['starttls_optional', 'off'])
      assert.equal((await runTest('smtp', { ...inputs, ...logOn, protection }, context)).ok, true, protection)
    assert.equal(sink.mails.length, 0)
  })

  const failures: readonly (readonly [string, Behaviour, Readonly<Record<string, string>>, string, RegExp])[] = [
    ['a server that is too busy', { greeting: '421 too busy' }, {}, 'serviceRefused', /421 too busy/],
    [
      'a server of another protocol',
      { greeting: '* OK IMAP4rev1' },
      {},
      'protocolUnexpected',
      /does not answer as SMTP/,
    ],
    ['STARTTLS that is refused', { starttls: 'refused' }, {}, 'starttlsRefused', /454 no certificate/],
    ['an answer in the clear after STARTTLS', { starttls: 'injected' }, {}, 'starttlsInjected', /more in the clear/],
    ['no mechanism in common', { mechanisms: 'GSSAPI' }, logOn, 'authenticationMethodMissing', /it offers GSSAPI/],
    ['an unknown credential', {}, { authentication: 'plain', credentialName: 'x' }, 'credentialMissing', /'x'/],
    ['no credential', {}, { authentication: 'plain' }, 'credentialMissing', /names no credential/],
    [
      'a sender that is refused',
      { sender: '553 not yours' },
      { checkMailAddresses: 'true', from: 'a@b' },
      'senderRefused',
      /a@b: 553/,
    ],
    [
      'an unknown recipient',
      {},
      { checkMailAddresses: 'true', from: 'a@b', to: 'nobody@b' },
      'recipientRefused',
      /550 5\.1\.1/,
    ],
  ]
  for (const [what, behaviour, more, code, reason] of failures)
    it(`names ${what}`, async () => {
      await using server = await mail(behaviour)
      const result = await runTest('smtp', { host: 'localhost', port: `${server.port}`, ...more }, context)
      assert.equal(result.problem?.code, `connectivity.${code}`, JSON.stringify(result))
      assert.match(result.problem.reason, reason)
    })

  it('shows no password, even when the server repeats it', async () => {
    const wrong = contextWith({
      trusted: () => Promise.resolve([ca.anchor]),
      userCredential: () => Promise.resolve({ user: 'bert', password }),
    })
    await using server = await mail()
    const result = await runTest('smtp', { host: 'localhost', port: `${server.port}`, ...logOn }, wrong)
    assert.equal(result.problem?.code, 'connectivity.authenticationRefused')
    assert.match(result.problem.reason, /535 wrong AUTH PLAIN \*\*\*/)
    const text = JSON.stringify(result)
    for (const secret of [
      password,
      Buffer.from(password).toString('base64'),
      Buffer.from(`\0bert\0${password}`).toString('base64'),
    ])
      assert.ok(!text.includes(secret))
  })

  it('keeps line ends out of commands', async () => {
    await assert.rejects(runTest('smtp', { host: 'localhost', from: 'a@b>\r\nDATA' }, context), /from/)
  })
})
