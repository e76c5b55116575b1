import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { Socket } from 'node:net'
import { describe, it } from 'node:test'
import { TLSSocket } from 'node:tls'

import { contextWith, lineServer, plainServer, runTest, testAuthority } from '../../../test/kit/connectivity.ts'

const password = 'mail "box" \\ 99'
const ca = await testAuthority()
const { chain: cert, key } = await ca.server()
const context = contextWith({
  trusted: () => Promise.resolve([ca.anchor]),
  userCredential: (alias) => Promise.resolve(alias === 'box' ? { user: 'anna', password } : undefined),
})

/** Upgrades the server's side of a connection. */
function secured(socket: Socket, serve: (socket: Socket) => void): undefined {
  socket.removeAllListeners('data')
  serve(new TLSSocket(socket, { isServer: true, cert, key }).on('error', () => {}))
}

function imapServer(capabilities: string, greeting = '* OK ready') {
  const serve = (socket: Socket): void =>
    lineServer(socket, (line) => {
      const [tag = '', command = ''] = line.split(' ')
      const safe = socket instanceof TLSSocket
      if (command === 'CAPABILITY')
        return `* CAPABILITY IMAP4rev1 ${safe ? capabilities.replace('STARTTLS ', '') : capabilities}\r\n${tag} OK done`
      if (command === 'STARTTLS') {
        socket.write(`${tag} OK begin\r\n`)
        return secured(socket, serve)
      }
      if (command === 'LOGIN')
        return line === `${tag} LOGIN "anna" "mail \\"box\\" \\\\ 99"`
          ? `${tag} OK in`
          : `${tag} NO [AUTHENTICATIONFAILED] sorry`
      if (command === 'LIST') {
        const literal = '* LIST (\\HasNoChildren) "/" {6}\r\nlit\\"x'
        return `* LIST () "/" INBOX\r\n* LIST (\\X) NIL "Entw&APw-rfe"\r\n${literal}\r\n${tag} OK done`
      }
      if (command === 'STATUS')
        return line.includes('"INBOX"')
          ? `* STATUS INBOX (MESSAGES 17 UNSEEN 4)\r\n${tag} OK`
          : `${tag} NO no such mailbox`
      return `${tag} OK bye`
    })
  return plainServer((socket) => {
    socket.write(`${greeting}\r\n`)
    serve(socket)
  })
}

describe('the IMAP test', () => {
  const box = { credentialName: 'box', authentication: 'plain' }

  it('changes to TLS, logs on, lists folders and counts mails', async () => {
    await using server = await imapServer('STARTTLS IDLE')
    const inputs = {
      host: 'localhost',
      port: `${server.port}`,
      ...box,
      listFolders: 'true',
      checkMailboxContent: 'true',
    }
    const result = await runTest('imap', inputs, context)
    assert.equal(result.problem, undefined)
    assert.deepEqual(result.facts['folders'], ['INBOX', 'Entwürfe', 'lit\\"x'])
    assert.deepEqual([result.facts['messages'], result.facts['unread']], [17, 4])
    assert.equal(result.facts['validation'], 'passed')
  })

  const failures: readonly (readonly [string, string, string | undefined, Readonly<Record<string, string>>, string])[] =
    [
      ['STARTTLS that is not offered', 'IDLE', undefined, {}, 'starttlsNotOffered'],
      ['a server that hangs up', '', '* BYE too many', {}, 'serviceRefused'],
      ['a server of another protocol', '', '220 smtp', {}, 'protocolUnexpected'],
      [
        'a log-on that the server does not offer',
        'LOGINDISABLED',
        undefined,
        { ...box, protection: 'off' },
        'authenticationMethodMissing',
      ],
      [
        'no proof of the password',
        'AUTH=PLAIN',
        undefined,
        { ...box, protection: 'off', authentication: 'encrypted' },
        'authenticationMethodMissing',
      ],
      [
        'a folder that is not there',
        'X',
        undefined,
        { ...box, protection: 'off', checkMailboxContent: 'true', folder: 'Nope' },
        'folderMissing',
      ],
    ]
  for (const [what, capabilities, greeting, more, code] of failures)
    it(`names ${what}`, async () => {
      await using server = await imapServer(capabilities, greeting)
      const result = await runTest('imap', { host: 'localhost', port: `${server.port}`, ...more }, context)
      assert.equal(result.problem?.code, `connectivity.${code}`, JSON.stringify(result))
    })

  it('names a log-on that is refused', async () => {
    const other = contextWith({ userCredential: () => Promise.resolve({ user: 'x', password }) })
    await using server = await imapServer('X')
    const inputs = { host: 'localhost', port: `${server.port}`, ...box, protection: 'off' }
    const result = await runTest('imap', inputs, other)
    assert.equal(result.problem?.code, 'connectivity.authenticationRefused')
    assert.ok(!JSON.stringify(result).includes('mail \\'))
  })
})

function popServer(offersTls: boolean, greeting = '+OK ready <7@here>') {
  const serve = (socket: Socket): void => {
    lineServer(socket, (line) => {
      if (line === 'CAPA') return `+OK\r\nUSER\r\n${offersTls && !(socket instanceof TLSSocket) ? 'STLS\r\n' : ''}.`
      if (line === 'STLS') {
        socket.write('+OK begin\r\n')
        return secured(socket, serve)
      }
      if (line === `APOP anna ${createHash('md5').update(`<7@here>${password}`).digest('hex')}`) return '+OK'
      if (line === 'USER anna' || line === `PASS ${password}`) return '+OK'
      if (line === 'STAT') return '+OK 5 1234'
      return line === 'QUIT' ? '+OK' : '-ERR [AUTH] wrong'
    })
  }
  return plainServer((socket) => {
    socket.write(`${greeting}\r\n`)
    serve(socket)
  })
}

describe('the POP3 test', () => {
  const box = { credentialName: 'box', checkMailboxContent: 'true' }
  for (const authentication of ['plain', 'encrypted'])
    it(`changes to TLS, logs on (${authentication}) and counts mails`, async () => {
      await using server = await popServer(true)
      const result = await runTest(
        'pop3',
        { host: 'localhost', port: `${server.port}`, ...box, authentication },
        context,
      )
      assert.equal(result.problem, undefined)
      assert.equal(result.facts['messages'], 5)
    })

  const other = { ...context, userCredential: () => Promise.resolve({ user: 'bert', password }) }
  const failures: readonly (readonly [
    string,
    boolean,
    string | undefined,
    typeof context,
    Readonly<Record<string, string>>,
    string,
  ])[] = [
    ['STLS that is not offered', false, undefined, context, {}, 'starttlsNotOffered'],
    ['a log-on that is refused', true, undefined, other, {}, 'authenticationRefused'],
    [
      'no proof of the password',
      true,
      '+OK ready',
      context,
      { authentication: 'encrypted' },
      'authenticationMethodMissing',
    ],
    ['a server that is busy', true, '-ERR busy', context, {}, 'serviceRefused'],
    ['another protocol', true, '220 smtp', context, {}, 'protocolUnexpected'],
  ]
  for (const [what, offersTls, greeting, lent, more, code] of failures)
    it(`names ${what}`, async () => {
      await using server = await popServer(offersTls, greeting)
      const result = await runTest('pop3', { host: 'localhost', port: `${server.port}`, ...box, ...more }, lent)
      assert.equal(result.problem?.code, `connectivity.${code}`, JSON.stringify(result))
    })
})
