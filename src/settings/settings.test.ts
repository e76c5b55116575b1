import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { readSettings } from './settings.ts'

describe('settings', () => {
  it('have a default each', () => {
    const settings = readSettings({})
    assert.equal(settings.controlPort, 9443)
    assert.equal(settings.databaseUrl, undefined)
    assert.match(settings.masterKeyFile, /data[\\/]master\.key$/)
    assert.equal(settings.retention, 30 * 86_400_000)
  })

  it('name every problem at once, unknown names among them', () => {
    const environment = { SLUICE_RUNTIME_PORT: 'x', SLUICE_DATABASE_URL: 'mysql://h', SLUICE_PROT: '1', OTHER: '2' }
    assert.throws(() => readSettings(environment), {
      code: 'settings.invalid',
      message: /SLUICE_RUNTIME_PORT must be a whole number.*SLUICE_PROT is no setting.*must begin with postgres/,
    })
  })

  it('take the master key from a file or from a command, not from both', () => {
    assert.equal(readSettings({}).masterKeyCommand, undefined)
    assert.equal(readSettings({ SLUICE_MASTER_KEY_COMMAND: 'print-key' }).masterKeyCommand, 'print-key')
    const both = { SLUICE_MASTER_KEY_COMMAND: 'print-key', SLUICE_MASTER_KEY_FILE: '/key' }
    assert.throws(() => readSettings(both), { code: 'settings.invalid', message: /exclude each other/ })
    const next = { SLUICE_MASTER_KEY_NEXT_COMMAND: 'print-next' }
    assert.throws(() => readSettings(next), { code: 'settings.invalid', message: /needs SLUICE_MASTER_KEY_COMMAND/ })
  })

  it('require the whole sandbox of scripts in production, unless told otherwise', () => {
    for (const [mode, sandbox, expected] of [
      [undefined, undefined, 'best-effort'],
      ['production', undefined, 'required'],
      ['production', 'best-effort', 'best-effort'],
      ['development', 'required', 'required'],
    ] as const)
      assert.equal(readSettings({ SLUICE_MODE: mode, SLUICE_SCRIPT_SANDBOX: sandbox }).scriptSandbox, expected)
    assert.throws(() => readSettings({ SLUICE_SCRIPT_SANDBOX: 'off' }), { code: 'settings.invalid' })
  })

  it('leave the variables of the command line tool alone', () => {
    assert.doesNotThrow(() => readSettings({ SLUICE_URL: 'https://localhost:9443' }))
  })

  it('take networks for tests, and addresses for alerts, and refuse what is none', () => {
    const given = {
      SLUICE_CONNECTIVITY_NETWORKS: '10.1.0.0/16, fd00:1::/32,192.168.1.7',
      SLUICE_ALERT_WEBHOOK: 'https://alerts.example.com/in',
      SLUICE_ALERT_MAIL: 'ops@example.com',
      SLUICE_SMTP_URL: 'smtps://u:p@mail.example.com',
    }
    const settings = readSettings(given)
    assert.deepEqual(settings.connectivityNetworks, ['10.1.0.0/16', 'fd00:1::/32', '192.168.1.7'])
    assert.equal(settings.alertWebhook?.host, 'alerts.example.com')
    assert.equal(settings.alertMail?.server.host, 'mail.example.com')
    assert.deepEqual(readSettings({}).connectivityNetworks, [])
    for (const [name, value, problem] of [
      ['SLUICE_CONNECTIVITY_NETWORKS', '10.0.0.0/33', /names '10\.0\.0\.0\/33'/],
      ['SLUICE_CONNECTIVITY_NETWORKS', 'intranet', /names 'intranet'/],
      ['SLUICE_ALERT_WEBHOOK', 'http://alerts.example.com', /must be an address that begins with https/],
      ['SLUICE_ALERT_MAIL', 'ops@example.com', /needs SLUICE_SMTP_URL/],
      ['SLUICE_ALERT_MAIL', 'a@b,c@d', /one mail address/],
      ['SLUICE_SMTP_URL', 'https://mail', /must begin with smtps/],
    ] as const)
      assert.throws(() => readSettings({ [name]: value }), { code: 'settings.invalid', message: problem }, value)
  })
})
