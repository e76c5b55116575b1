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

  it('leave the variables of the command line tool alone', () => {
    assert.doesNotThrow(() => readSettings({ SLUICE_URL: 'https://localhost:9443' }))
  })
})
