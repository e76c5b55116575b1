import assert from 'node:assert/strict'
import { createServer, type Server, type Socket } from 'node:net'
import { describe, it } from 'node:test'

import { contextWith, lineServer, listening, plainServer, runTest } from '../../../test/kit/connectivity.ts'
import { createReach } from '../reach.ts'

const password = 'ftp-geheim-1'
const context = contextWith({ userCredential: () => Promise.resolve({ user: 'anna', password }) })
const plain = { host: '127.0.0.1', encryption: 'plain', credentialName: 'x' }

/** An FTP server of a few lines without TLS; answers to commands can be changed. */
async function ftpServer(changed: Readonly<Record<string, string>> = {}) {
  const waiting = Promise.withResolvers<Socket>()
  const data: Server = createServer(waiting.resolve)
  const listener = await listening(data)
  const server = await plainServer((socket) => {
    socket.write('220-hello\r\n220 ready\r\n')
    lineServer(socket, (line) => {
      const [command = ''] = line.split(' ')
      const other = changed[command]
      if (other !== undefined) return other.replace('PORT', `${listener.port >> 8},${listener.port & 0xff}`)
      if (command === 'PASS') return line === `PASS ${password}` ? '230 in' : `530 wrong ${line}`
      if (command === 'NLST')
        void waiting.promise.then((opened) => opened.end('a.xml\r\nb.xml\r\n', () => socket.write('226 done\r\n')))
      const answers: Readonly<Record<string, string>> = {
        USER: '331 password?',
        PWD: '257 "/home/""anna"""',
        CWD: '250 ok',
        EPSV: `229 go (|||${listener.port}|)`,
        NLST: '150 here it comes',
        QUIT: '221 bye',
      }
      return answers[command] ?? '500 what?'
    })
  })
  return {
    port: `${server.port}`,
    dataPort: listener.port,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await listener[Symbol.asyncDispose]()
    },
  }
}

describe('the FTP test', () => {
  it('logs on and lists a directory', async () => {
    await using server = await ftpServer()
    const inputs = { ...plain, port: server.port, checkDirectoryAccess: 'true', directory: 'in' }
    const { facts, problem } = await runTest('ftp', inputs, context)
    assert.equal(problem, undefined)
    assert.deepEqual([facts['directory'], facts['names']], ['/home/"anna"', ['a.xml', 'b.xml']])
  })

  it('takes the port of a PASV answer, and never its address', async () => {
    await using server = await ftpServer({ EPSV: '500 what?', PASV: '227 go (169,254,169,254,PORT)' })
    const inputs = { ...plain, port: server.port, checkDirectoryAccess: 'true' }
    const { facts, problem } = await runTest('ftp', inputs, context)
    assert.equal(problem, undefined)
    assert.deepEqual(facts['names'], ['a.xml', 'b.xml'])
  })

  it('asks for each data port whether it may be reached', async () => {
    await using server = await ftpServer()
    const reach = createReach({ allowed: ['127.0.0.1'] })
    const mayReach = (address: string, port: number) =>
      port === server.dataPort ? 'it is closed' : reach(address, port)
    const inputs = { ...plain, port: server.port, checkDirectoryAccess: 'true' }
    const { problem } = await runTest('ftp', inputs, { ...context, mayReach })
    assert.equal(problem?.code, 'connectivity.addressNotPermitted')
  })

  const failures: readonly (readonly [
    string,
    Readonly<Record<string, string>>,
    Readonly<Record<string, string>>,
    string,
  ])[] = [
    ['TLS that is not offered', {}, { encryption: 'explicit' }, 'starttlsNotOffered'],
    ['a log-on that is refused', { PASS: '530 no' }, {}, 'authenticationRefused'],
    [
      'a directory that is not there',
      { CWD: '550 no' },
      { checkDirectoryAccess: 'true', directory: 'x' },
      'directoryMissing',
    ],
    [
      'a data port that is none',
      { EPSV: '229 (|||0|)', PASV: '500' },
      { checkDirectoryAccess: 'true' },
      'protocolUnexpected',
    ],
  ]
  for (const [what, changed, more, code] of failures)
    it(`names ${what}`, async () => {
      await using server = await ftpServer(changed)
      const { problem } = await runTest('ftp', { ...plain, port: server.port, ...more }, context)
      assert.equal(problem?.code, `connectivity.${code}`)
    })

  it('shows no password that the server repeats', async () => {
    await using server = await ftpServer()
    const wrong = { ...context, userCredential: () => Promise.resolve({ user: 'anna', password: 'falsch-falsch' }) }
    const result = await runTest('ftp', { ...plain, port: server.port }, wrong)
    assert.match(result.problem?.reason ?? '', /530 wrong PASS \*\*\*/)
    assert.ok(!JSON.stringify(result).includes('falsch-falsch'))
  })
})
