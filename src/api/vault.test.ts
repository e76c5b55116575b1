import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { newTestApi } from '../../test/kit/api.ts'

const passphrase = 'six words nobody guesses'
const phrase = 'the same phrase in both places'

describe('the vault', () => {
  let api: Awaited<ReturnType<typeof newTestApi>>
  before(async () => {
    api = await newTestApi()
    for (const name of ['ERP', 'CRM'])
      await api.services.secrets.create({ name, description: '', user: name, password: 'canary-pw' }, 'ann')
    const { chain, key } = await api.issue('pair')
    await api.services.keystore.putKeyPair(
      'pair',
      { chain, key },
      { owner: 'tenant', user: 'ann', fingerprintVerified: true },
    )
  })
  after(() => api.dispose())

  const json = async (line: string, given?: Parameters<typeof api.ask>[1]) => {
    const { status, body } = await api.ask(line, given)
    return { status, value: JSON.parse(String(body)) }
  }
  const header = (value: string) => ({ headers: { 'x-backup-passphrase': value } })

  it('rotates and verifies', async () => {
    assert.deepEqual((await json('POST /RotateTenantKey')).value, { state: 'done', resealed: 0, broken: [] })
    assert.deepEqual((await json('POST /RotateMasterKey')).value, { state: 'done' })
    assert.deepEqual((await json('POST /RotateTokenKey')).value, { kid: 'new', urgent: false })
    assert.deepEqual((await json("POST /RotateTokenKey?Urgent='true'")).value, { kid: 'new', urgent: true })
    assert.deepEqual((await json('GET /VerifySeals')).value, { ok: true, opened: 2, broken: [] })
  })

  it('makes a backup that is restored only by its passphrase, and over what is there only by name', async () => {
    const made = await api.ask('POST /CreateBackup', { body: { Passphrase: passphrase } })
    assert.deepEqual([made.status, made.headers['content-type']], [200, 'application/octet-stream'])
    const body = Buffer.from(made.body as Buffer)
    assert.ok(!body.includes('canary'))
    const refused = await api.ask('POST /RestoreBackup', { body, ...header(passphrase) })
    assert.equal(refused.status, 409, String(refused.body))
    const wrong = await api.ask("POST /RestoreBackup?Replace='default'", { body, ...header(`${passphrase}!`) })
    assert.match(String(wrong.body), /backup\.passphraseWrong/)
    await api.services.secrets.remove('ERP')
    const { status, value } = await json("POST /RestoreBackup?Replace='default'", {
      body,
      ...header(encodeURIComponent(passphrase)),
    })
    assert.equal(status, 200)
    assert.equal(value.restart, true)
    await api.services.secrets.reload()
    assert.equal((await api.services.secrets.userCredential('ERP')).password, 'canary-pw')
  })

  it('asks for a passphrase of 12 characters', async () => {
    for (const Passphrase of ['', 'elevenchars'])
      assert.equal((await api.ask('POST /CreateBackup', { body: { Passphrase } })).status, 400)
    const body = Buffer.from('x')
    for (const given of [{}, header('elevenchars'), header('%zz-broken-escape')])
      assert.match(String((await api.ask('POST /RestoreBackup', { body, ...given })).body), /api\.passphraseShort/)
  })

  it('shows equal fingerprints for equal secrets, and never a value', async () => {
    const { status, value } = await json('POST /SecretFingerprints', { body: { Phrase: phrase } })
    assert.equal(status, 200)
    const of = (name: string) => value.find((each: { readonly name: string }) => each.name === name)?.fingerprint
    assert.match(of('ERP'), /^f1\.[0-9a-f]{32}$/)
    assert.equal(of('ERP'), of('CRM'))
    assert.match(of('pair'), /^f1\./)
    assert.notEqual(of('pair'), of('ERP'))
    assert.ok(!JSON.stringify(value).includes('canary'))
    assert.equal((await api.ask('POST /SecretFingerprints', { body: { Phrase: 'short' } })).status, 400)
  })

  it('is recorded', async () => {
    const events = (await api.read("GET /AuditLogEntries?$filter=ObjectType eq 'Vault'")).results
    const acts = events.map((each: Record<string, string>) => `${each.Action} ${each.ObjectId}`)
    for (const act of [
      'Change tenant key',
      'Change master key',
      'Test seals',
      'Read backup',
      'Change backup',
      'Read fingerprints',
    ])
      assert.ok(acts.includes(act), act)
    assert.ok(!JSON.stringify(events).includes(passphrase))
  })

  it('the role is given only by those who have it', async () => {
    const body = { Name: 'keeper', Roles: '["VaultAdministrator"]' }
    assert.equal((await api.ask('POST /Users', { body, roles: ['UsersEdit'] })).status, 403)
    assert.equal((await api.ask('POST /Users', { body, roles: ['UsersEdit', 'TenantAdministrator'] })).status, 201)
  })
})
