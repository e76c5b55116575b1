import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'

import { type PkitsResult, pkitsFolder, runPkits } from '../../tools/pkits.ts'

/** NIST's path validation suite, out of Debian's python3-cryptography-vectors; fails where that is missing. */
describe('PKITS', () => {
  let results: readonly PkitsResult[] = []
  const idsOf = (outcome: PkitsResult['outcome']) =>
    results.filter((result) => result.outcome === outcome).map(({ id }) => id)

  before(async () => {
    results = await runPkits(pkitsFolder())
  })

  it('accepts no path that is invalid', () => assert.deepEqual(idsOf('accepts wrongly'), []))
  it('refuses no valid path but those whose reason is written down', () => {
    assert.deepEqual(idsOf('refuses wrongly'), [])
    assert.equal(idsOf('unsupported').length, 22)
  })
  it('agrees on all others', () => assert.equal(idsOf('agrees').length, 192))

  it('refuses what is wrong with a path for that, and not for want of a CRL', () => {
    const aboutRevocation =
      /CRL|Revoked|SerialNumber|distributionPoint|onlyContains|onlySomeReasons|BasicSelfIssued|IDPwith/i
    const masked = results.filter(({ id, why }) => why.startsWith('revo') && !aboutRevocation.test(id))
    assert.deepEqual(masked, [])
  })
})
