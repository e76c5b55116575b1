import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { hostKeyOf, judgeHostKey, knownTypes } from './known-hosts.ts'

/** A key blob of a type with some content; nobody checks that it is one. */
function blob(type: string, content: string): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(type.length)
  return Buffer.concat([length, Buffer.from(type), Buffer.from(content)])
}
const key = hostKeyOf(blob('ssh-ed25519', 'one'))
const other = hostKeyOf(blob('ssh-ed25519', 'two'))
const rsa = hostKeyOf(blob('ssh-rsa', 'three'))
/** Made by `ssh-keygen -H` of lines for example.org and [example.org]:2222, and what `ssh-keygen -l` says of the key. */
const hashed = [
  '|1|v89CuwEYHxGcCui7Nac4ZgGyyJE=|DT6mLBzqBGqmykbNoaLFwXfjQwU= ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPEolHJsxuk9Al2OvOE8D5rX73gURBNJfQu5BRoUG3jF',
  '|1|Z2g1vJjz0INmRbXAy+7dGK7NWK4=|zb8xj3Nf+a62mqaPSMimMhAR+rs= ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPEolHJsxuk9Al2OvOE8D5rX73gURBNJfQu5BRoUG3jF',
].join('\n')
const shown = 'SHA256:p58UUYdXcGAdw6fbz/vaHiTK133xbhQmAHA7nPDS0+o'
const salt = 'F1E1KeoE/eEWhi10WpGv4OdiO6Y='

describe('known hosts', () => {
  const cases: readonly (readonly [file: string, host: string, port: number, verdict: string])[] = [
    ['', 'a.example', 22, 'unknown'],
    [`a.example ${key.text}`, 'a.example', 22, 'known'],
    [`A.Example ${key.text} root@a`, 'a.EXAMPLE', 22, 'known'],
    [`# a.example ${key.text}`, 'a.example', 22, 'unknown'],
    [`a.example,10.0.0.1 ${key.text}\r\n`, '10.0.0.1', 22, 'known'],
    [`a.example ${other.text}`, 'a.example', 22, 'changed'],
    [`a.example ${other.text}\na.example ${key.text}`, 'a.example', 22, 'known'],
    [`a.example ${rsa.text}`, 'a.example', 22, 'unknown'],
    [`a.example ${key.text}`, 'a.example', 2222, 'unknown'],
    [`[a.example]:2222 ${key.text}`, 'a.example', 2222, 'known'],
    [`*.example ${key.text}`, 'b.example', 22, 'known'],
    [`*.example,!b.example ${key.text}`, 'b.example', 22, 'unknown'],
    [`?.example ${key.text}`, 'bb.example', 22, 'unknown'],
    [`a.example ${key.text}`, 'axexample', 22, 'unknown'],
    [`@revoked * ${key.text}\na.example ${key.text}`, 'a.example', 22, 'revoked'],
    [`@cert-authority * ${key.text}`, 'a.example', 22, 'unknown'],
    ['a.example ssh-ed25519', 'a.example', 22, 'unknown'],
    [`|1|${salt} ${key.text}`, 'a.example', 22, 'unknown'],
  ]
  for (const [file, host, port, verdict] of cases)
    it(`${host}:${port} is ${verdict} by '${file.slice(0, 40)}'`, () =>
      assert.equal(judgeHostKey(file, host, port, key).verdict, verdict))

  it('reads hashed names and keys as OpenSSH writes them', () => {
    const hashedKey = hostKeyOf(Buffer.from(hashed.split(/[ \n]/)[2] ?? '', 'base64'))
    assert.equal(hashedKey.fingerprint, shown)
    for (const port of [22, 2222]) assert.equal(judgeHostKey(hashed, 'example.org', port, hashedKey).verdict, 'known')
    assert.equal(judgeHostKey(hashed, 'example.com', 22, hashedKey).verdict, 'unknown')
    assert.equal(judgeHostKey(hashed, 'example.org', 22, key).verdict, 'changed')
  })

  it('names the fingerprints that were known before', () => {
    assert.deepEqual(judgeHostKey(`a ${other.text}`, 'a', 22, key), { verdict: 'changed', known: [other.fingerprint] })
    assert.match(key.fingerprint, /^SHA256:[A-Za-z0-9+/]{43}$/)
  })

  it('gives the types that are known of a host', () => {
    const file = `a ${rsa.text}\nb ${key.text}\na ${key.text}\n@revoked a ${other.text}`
    assert.deepEqual(knownTypes(file, 'a', 22), ['ssh-rsa', 'ssh-ed25519'])
    assert.deepEqual(knownTypes(file, 'c', 22), [])
  })

  it('takes no time over a pattern made of stars', () => {
    const file = `${'*a'.repeat(40)}b ${key.text}`
    assert.equal(judgeHostKey(file, 'a'.repeat(60), 22, key).verdict, 'unknown')
  })
})
