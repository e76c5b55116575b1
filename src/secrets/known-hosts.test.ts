import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync, randomBytes } from 'node:crypto'
import { beforeEach, describe, it } from 'node:test'

import { inMemoryRegistry } from '../../test/kit/registry-store.ts'
import { createSealer } from '../keystore/index.ts'
import { createSecrets } from './create-secrets.ts'
import type { KnownHosts } from './known-hosts.ts'

const sealer = createSealer({ key: randomBytes(32), tenant: 'default' })
const clock = { now: () => 5, monotonic: () => 5 }

/** An ed25519 key as SSH writes it. */
function newKey(): string {
  const { x = '' } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
  const part = (bytes: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes])
  return Buffer.concat([part(Buffer.from('ssh-ed25519')), part(Buffer.from(x, 'base64url'))]).toString('base64')
}
const key = newKey()
const other = newKey()

function hashed(name: string): string {
  const salt = randomBytes(20)
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`
}

describe('known hosts', () => {
  let hosts: KnownHosts
  beforeEach(async () => {
    hosts = (await createSecrets({ store: inMemoryRegistry(), sealer, clock })).knownHosts
  })
  const keysOf = (host: string, port = 22) => hosts.find(host, port).map((found) => found.key)

  const forms: readonly (readonly [string, string, number, boolean])[] = [
    ['sftp.example.com', 'SFTP.example.com', 22, true],
    ['sftp.example.com', 'sftp.example.com', 2222, false],
    ['[sftp.example.com]:2222', 'sftp.example.com', 2222, true],
    ['[sftp.example.com]:2222', 'sftp.example.com', 22, false],
    ['[sftp.example.com]:22', 'sftp.example.com', 22, true],
    ['[sftp.example.com]:192.0.2.7', 'sftp.example.com', 22, true],
    ['[sftp.example.com]:192.0.2.7', '192.0.2.7', 22, true],
    ['a.example,b.example', 'b.example', 22, true],
    ['*.example.com', 'x.example.com', 22, true],
    ['*.example.com,!bad.example.com', 'bad.example.com', 22, false],
    ['host?', 'host1', 22, true],
    ['host?', 'host12', 22, false],
    [hashed('sftp.example.com'), 'sftp.example.com', 22, true],
    [hashed('[sftp.example.com]:2222'), 'sftp.example.com', 2222, true],
    [hashed('sftp.example.com'), 'other.example.com', 22, false],
  ]
  for (const [pattern, host, port, expected] of forms)
    it(`${pattern.slice(0, 40)} ${expected ? 'is' : 'is not'} about ${host} at ${port}`, async () => {
      await hosts.add(`# a comment\n${pattern} ssh-ed25519 ${key} somebody's key\r\n`, 'ann')
      assert.deepEqual(keysOf(host, port), expected ? [key] : [])
    })

  it('says which keys are revoked', async () => {
    await hosts.add(`@revoked * ssh-ed25519 ${key}\n@cert-authority *.example ssh-ed25519 ${other}`, 'ann')
    const found = hosts
      .find('a.example', 22)
      .map(({ revoked, certificateAuthority }) => [revoked, certificateAuthority])
    assert.deepEqual(found, [
      [true, false],
      [false, true],
    ])
  })

  for (const [line, words] of [
    ['host', /line 1: it is not host, algorithm and key/],
    ['host ssh-ed25519 %%%%', /line 1: the key is not base64/],
    [`host ssh-rsa ${key}`, /line 1: the key is not of the algorithm ssh-rsa/],
    [`@other host ssh-ed25519 ${key}`, /line 1: the marker is unknown/],
    [`|1|x|y ssh-ed25519 ${key}`, /line 1: the hashed host/],
    [`good ssh-ed25519 ${key}\nbad\n\nworse x y`, /line 2: .*; line 4: /],
    ['', /there is no line/],
    ['x'.repeat(5_000_001), /larger than 5 MB/],
  ] as const)
    it(`refuses ${JSON.stringify(line.slice(0, 30))} whole`, async () => {
      const refused = { code: 'secrets.knownHostsInvalid', message: words }
      await assert.rejects(hosts.add(line, 'ann'), refused)
      await assert.rejects(hosts.propose(line, 'ann'), refused)
      assert.deepEqual(hosts.list(), [])
    })

  it('replaces all lines by a file once that is approved', async () => {
    await hosts.add(`a ssh-ed25519 ${key}\nb ssh-ed25519 ${key}`, 'ann')
    const changes = await hosts.propose(`b ssh-ed25519 ${key}\nc ssh-ed25519 ${other}`, 'ann')
    assert.deepEqual(
      [changes.added.map((line) => line.hosts), changes.removed.map((line) => line.hosts), changes.kept],
      [['c'], ['a'], 1],
    )
    assert.deepEqual([keysOf('a'), keysOf('c')], [[key], []])
    assert.deepEqual(hosts.changes(), changes)
    await hosts.approve(changes.id, 'bob')
    assert.deepEqual([keysOf('a'), keysOf('c')], [[], [other]])
    assert.equal(hosts.text(), `b ssh-ed25519 ${key}\nc ssh-ed25519 ${other}\n`)
    await assert.rejects(hosts.approve(changes.id, 'bob'), { code: 'secrets.proposalMissing' })
  })

  it('approves nothing that was compared with other lines', async () => {
    const changes = await hosts.propose(`b ssh-ed25519 ${key}`, 'ann')
    await hosts.add(`c ssh-ed25519 ${key}`, 'bob')
    await assert.rejects(hosts.approve(changes.id, 'ann'), { code: 'secrets.proposalMissing' })
    const again = await hosts.propose(`b ssh-ed25519 ${key}`, 'ann')
    await hosts.discard(again.id, 'ann')
    assert.deepEqual([hosts.changes(), hosts.list().length], [undefined, 1])
  })

  it('adds a line once and removes it by its id', async () => {
    const [line] = await hosts.add(`a ssh-ed25519 ${key}`, 'ann')
    await assert.rejects(hosts.add(`a ssh-ed25519 ${key} again`, 'ann'), { code: 'secrets.knownHostTaken' })
    await hosts.remove(line?.id ?? '', 'ann')
    await assert.rejects(hosts.remove(line?.id ?? '', 'ann'), { code: 'secrets.knownHostMissing' })
  })

  it('takes no time for a pattern made to take long', async () => {
    await hosts.add(`${'*a'.repeat(1000)}b ssh-ed25519 ${key}`, 'ann')
    const began = performance.now()
    assert.deepEqual(keysOf('a'.repeat(255)), [])
    assert.ok(performance.now() - began < 1000)
  })
})
