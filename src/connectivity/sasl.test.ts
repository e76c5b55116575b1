import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { openSasl, saslChoices, scram } from './sasl.ts'

const credential = { user: 'user', password: 'pencil' }

describe('SASL', () => {
  it('SCRAM-SHA-256 as in RFC 7677, 3', async () => {
    const client = scram('SCRAM-SHA-256', 'sha256', credential, 'rOprNGfwEbeRWgbNEkqO')
    assert.equal(client.initial?.toString(), 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO')
    const first = 'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096'
    const proof = await client.answer(Buffer.from(first))
    assert.equal(
      proof.toString(),
      'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    )
    const last = await client.answer(Buffer.from('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4='))
    assert.equal(last.length, 0)
  })

  it('SCRAM trusts no server that does not know the password', async () => {
    const client = scram('SCRAM-SHA-256', 'sha256', credential, 'abc')
    await client.answer(Buffer.from('r=abcdef,s=c2FsdA==,i=1000'))
    await assert.rejects(client.answer(Buffer.from(`v=${Buffer.alloc(32).toString('base64')}`)), /could not prove/)
  })

  const challenges: readonly (readonly [string, RegExp])[] = [
    ['r=other,s=c2FsdA==,i=4096', /challenge is wrong/],
    ['r=abc,s=c2FsdA==,i=4096', /challenge is wrong/],
    ['r=abcdef,s=c2FsdA==,i=999999999', /999999999 rounds/],
    ['r=abcdef,s=c2FsdA==,i=0', /0 rounds/],
    ['', /challenge is wrong/],
  ]
  for (const [challenge, reason] of challenges)
    it(`SCRAM does not answer '${challenge}'`, () =>
      assert.rejects(scram('SCRAM-SHA-256', 'sha256', credential, 'abc').answer(Buffer.from(challenge)), reason))

  it('CRAM-MD5 as in RFC 2195, 2', async () => {
    const client = openSasl(['CRAM-MD5'], ['cram-md5'], { user: 'tim', password: 'tanstaaftanstaaf' })
    const answer = await client?.answer(Buffer.from('<1896.697170952@postoffice.reston.mci.net>'))
    assert.equal(answer?.toString(), 'tim b913a602c7eda7a495b4e6e7334d3890')
  })

  it('takes the best that is offered', () => {
    const offered = ['LOGIN', 'PLAIN', 'CRAM-MD5', 'SCRAM-SHA-256']
    assert.equal(openSasl(saslChoices.encrypted, offered, credential)?.mechanism, 'SCRAM-SHA-256')
    assert.equal(openSasl(saslChoices.plain, offered, credential)?.mechanism, 'PLAIN')
    assert.equal(openSasl(saslChoices.encrypted, ['PLAIN'], credential), undefined)
  })

  it('LOGIN answers in turn', async () => {
    const client = openSasl(['LOGIN'], ['LOGIN'], credential)
    assert.equal((await client?.answer(Buffer.from('Username:')))?.toString(), 'user')
    assert.equal((await client?.answer(Buffer.from('Password:')))?.toString(), 'pencil')
  })
})
