import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'

import { temporaryFolder } from '../../../test/kit/temporary-folder.ts'
import { readConnection } from './connection.ts'

describe('the connection', () => {
  const folder = temporaryFolder('connection')
  const quickstart = join(folder, 'data', 'quickstart')
  mkdirSync(quickstart, { recursive: true })
  const put = (file: string, content: unknown): void =>
    writeFileSync(join(folder, file), typeof content === 'string' ? content : JSON.stringify(content))
  put('data/quickstart/api-key.json', {
    oauth: { clientid: 'id', clientsecret: 'secret', url: 'https://localhost:19443' },
  })
  put('data/quickstart/ca.pem', 'the CA of the quickstart')
  put('other-ca.pem', 'another CA')
  put('flat.json', { clientid: 'flat', clientsecret: 's' })
  put('half.json', { oauth: { clientid: 'half', certificate: 'pem' } })
  put('list.json', '["s3cret"]x')

  const cases: [string, Record<string, string>, object][] = [
    [
      'is what the first start left',
      {},
      { base: 'https://localhost:19443/', clientId: 'id', clientSecret: 'secret', ca: 'the CA of the quickstart' },
    ],
    [
      'takes a flat key',
      { SLUICE_KEY: 'flat.json' },
      { base: 'https://localhost:9443/', clientId: 'flat', clientSecret: 's', ca: 'the CA of the quickstart' },
    ],
    [
      'prefers SLUICE_URL and SLUICE_CA',
      { SLUICE_URL: 'https://cpi.example.org', SLUICE_CA: 'other-ca.pem' },
      { base: 'https://cpi.example.org/', clientId: 'id', clientSecret: 'secret', ca: 'another CA' },
    ],
    [
      'trusts what the system trusts where there is no CA file',
      { SLUICE_DATA: 'nowhere', SLUICE_KEY: 'flat.json' },
      { base: 'https://localhost:9443/', clientId: 'flat', clientSecret: 's', ca: undefined },
    ],
  ]
  for (const [what, environment, expected] of cases) {
    it(what, () => {
      const { base, ...rest } = readConnection(environment, folder)
      assert.deepEqual({ base: base.href, ...rest }, expected)
    })
  }

  const refused: [string, Record<string, string>, { code: string; message: RegExp }][] = [
    [
      'a key that is missing',
      { SLUICE_KEY: 'none.json' },
      { code: 'cli.fileUnreadable', message: /none\.json cannot be read: it does not exist/ },
    ],
    [
      'a key without a secret',
      { SLUICE_KEY: 'half.json' },
      { code: 'cli.keyInvalid', message: /it has no clientsecret/ },
    ],
    [
      'a key that is no JSON, without showing it',
      { SLUICE_KEY: 'list.json' },
      { code: 'cli.keyInvalid', message: /^[^]*list\.json is no usable service key: it is not a JSON object\.$/ },
    ],
    ['a CA that is missing', { SLUICE_CA: 'none.pem' }, { code: 'cli.fileUnreadable', message: /CA file .*none\.pem/ }],
    [
      'an address without TLS',
      { SLUICE_URL: 'http://localhost:9443' },
      { code: 'cli.addressInvalid', message: /^http:\/\/localhost:9443 is no https address/ },
    ],
    [
      'something that is no address',
      { SLUICE_URL: 'localhost' },
      { code: 'cli.addressInvalid', message: /^localhost is/ },
    ],
  ]
  for (const [what, environment, expected] of refused) {
    it(`refuses ${what}`, () => assert.throws(() => readConnection(environment, folder), expected))
  }
})
