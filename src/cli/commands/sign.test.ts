import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'

import { flowBundle, mainProcess, messageEnd, messageStart } from '../../../test/kit/bundle.ts'
import { sluice } from '../../../test/kit/command-line.ts'
import { temporaryFolder } from '../../../test/kit/temporary-folder.ts'

describe('sign and capabilities', () => {
  const folder = temporaryFolder('sign')
  const run = (...argv: string[]) => sluice(argv, { folder })
  const flow = (script: string): Promise<Buffer> =>
    flowBundle({
      id: 'Orders',
      processes: [mainProcess([messageStart(), messageEnd()])],
      files: { 'a.groovy': script },
    })

  before(async () => {
    for (const name of ['me', 'you'])
      execFileSync(
        'openssl',
        [
          'req',
          '-x509',
          '-newkey',
          'rsa:2048',
          '-nodes',
          '-keyout',
          `${name}.key`,
          '-out',
          `${name}.pem`,
          '-subj',
          `/CN=${name}`,
        ],
        { cwd: folder, stdio: 'ignore' },
      )
    writeFileSync(join(folder, 'one.zip'), await flow(`store.getUserCredential('a')`))
    writeFileSync(join(folder, 'two.zip'), await flow(`store.getUserCredential('b')`))
  })

  it('signs an artifact, and check says by whom', async () => {
    const { code, err } = await run('sign', 'one.zip', '--key', 'me.key', '--cert', 'me.pem', '--out', 'signed.zip')
    assert.equal(code, 0, err)
    assert.match((await run('check', 'signed.zip', '--publisher', 'me.pem')).out, /Signed by CN=me: trusted/)
    assert.match((await run('check', 'signed.zip', '--publisher', 'you.pem')).out, /Signed by CN=me: not trusted/)
    assert.doesNotMatch((await run('check', 'one.zip')).out, /igned by/)
  })

  it('refuses a key of another certificate, and overwrites nothing', async () => {
    const wrong = await run('sign', 'one.zip', '--key', 'me.key', '--cert', 'you.pem', '--out', 'wrong.zip')
    assert.notEqual(wrong.code, 0)
    assert.match(wrong.err, /not the key of the first certificate/)
    const again = await run('sign', 'one.zip', '--key', 'me.key', '--cert', 'me.pem', '--out', 'two.zip')
    assert.notEqual(again.code, 0)
  })

  it('shows capabilities and compares two versions', async () => {
    assert.match((await run('capabilities', 'show', 'one.zip')).out, /credential\s+a\s+script\s+a\.groovy:1/)
    const grown = await run('capabilities', 'diff', 'one.zip', 'two.zip')
    assert.equal(grown.code, 1)
    assert.match(grown.out, /Orders {2}grows[\s\S]*Added[\s\S]*\bb\b[\s\S]*Removed[\s\S]*\ba\b/)
    assert.equal((await run('capabilities', 'diff', 'one.zip', 'one.zip')).code, 0)
  })
})
