import assert from 'node:assert/strict'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { newTestApi } from '../../../test/kit/api.ts'
import { sluice } from '../../../test/kit/command-line.ts'
import { serveManagementApi } from '../../../test/kit/management-api.ts'

const passphrase = 'six wörds nobody guesses'
const phrase = 'the same phrase in both places'

/** The vault by the command line, against the API itself. */
describe('the vault', () => {
  let real: Awaited<ReturnType<typeof newTestApi>>
  let server: Awaited<ReturnType<typeof serveManagementApi>>

  const run = (input: string | undefined, ...argv: string[]) =>
    sluice(argv, { folder: server.folder, ...(input !== undefined && { input: `${input}\n` }) })

  before(async () => {
    real = await newTestApi({
      vault: {
        rotateMasterKey: async () => {},
        rotateTenantKey: async () => ({ state: 'blocked', resealed: 3, broken: [damaged] }),
        verify: async () => ({ opened: 7, broken: [damaged] }),
        backup: async (given) => Buffer.from(`sealed with ${given}`),
        restore: async (given) => {
          restored.push(given)
          return { created: Date.UTC(2026, 0, 2), rows: 12 }
        },
      },
    })
    server = await serveManagementApi({}, async ({ method, path, body, headers }) => {
      const { 'content-type': type = '', 'x-backup-passphrase': secret = '' } = headers
      const given = {
        body: Buffer.from(body),
        headers: { 'content-type': type, 'x-backup-passphrase': String(secret) },
      }
      const answer = await real.ask(`${method} /${path}`, given)
      return { status: answer.status, headers: answer.headers, raw: answer.body }
    })
    await real.services.secrets.create({ name: 'ERP', description: '', user: 'u', password: 'canary-pw' }, 'ann')
  })
  after(async () => {
    await server[Symbol.asyncDispose]()
    await real.dispose()
  })

  const damaged = { store: 'secrets', kind: 'material', id: 'ERP', why: 'It was changed.' }
  const restored: { readonly file: Uint8Array; readonly passphrase: string; readonly replace?: string }[] = []

  it('keys rotate says what keeps the old key', async () => {
    const { code, out } = await run(undefined, 'keys', 'rotate')
    assert.equal(code, 1)
    assert.match(out, /blocked +3 values[\s\S]*secrets +material +ERP/)
    assert.match((await run(undefined, 'keys', 'rotate', '--master')).out, /rotated +master key/)
  })

  it('keys rotate replaces the key of tokens, and ends all tokens only when it is told to', async () => {
    assert.match((await run(undefined, 'keys', 'rotate', '--tokens')).out, /rotated +token key new.*in an hour/)
    assert.match((await run(undefined, 'keys', 'rotate', '--tokens', '--urgent')).out, /no other token counts/)
    assert.match((await run(undefined, 'keys', 'rotate', '--urgent')).err, /--urgent goes with --tokens/)
  })

  it('keys verify names what is broken', async () => {
    const { code, out } = await run(undefined, 'keys', 'verify')
    assert.equal(code, 1)
    assert.match(out, /1 broken +7 values[\s\S]*secrets +material +ERP +It was changed/)
  })

  it('backup writes a new file for its owner alone', async () => {
    assert.equal((await run(passphrase, 'backup', '--out', 'b')).code, 0)
    const file = join(server.folder, 'b')
    assert.equal(readFileSync(file, 'utf8'), `sealed with ${passphrase}`)
    if (process.platform !== 'win32') assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.match((await run(passphrase, 'backup', '--out', 'b')).err, /exists already/)
    assert.match((await run('short', 'backup', '--out', 'c')).err, /less than 12 characters/)
  })

  it('restore sends the file and the passphrase, and says to restart', async () => {
    writeFileSync(join(server.folder, 'in'), 'bytes')
    const { code, out } = await run(passphrase, 'restore', 'in', '--replace', 'default')
    assert.equal(code, 0)
    assert.match(out, /12 rows of 2026-01-02.*\n.*Restart/)
    const [{ file, ...rest } = { file: Buffer.alloc(0), passphrase: '' }] = restored
    assert.equal(Buffer.from(file).toString(), 'bytes')
    assert.deepEqual(rest, { passphrase, replace: 'default' })
  })

  it('secrets fingerprints shows no secret', async () => {
    const { code, out } = await run(phrase, 'secrets', 'fingerprints')
    assert.equal(code, 0)
    assert.match(out, /UserCredential +ERP +password +f1\.[0-9a-f]{32}/)
    assert.ok(!out.includes('canary'))
    assert.equal((await run(` ${phrase.toUpperCase()}`, 'secrets', 'fingerprints')).out, out)
    assert.notEqual((await run(`${phrase} 2`, 'secrets', 'fingerprints')).out, out)
  })
})
