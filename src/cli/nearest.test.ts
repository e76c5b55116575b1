import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { nearest } from './nearest.ts'

describe('the nearest name', () => {
  const names = ['deploy', 'undeploy', 'status', 'logs', 'log-level']
  const cases: [string, string | undefined][] = [
    ['dploy', 'deploy'],
    ['edploy', 'deploy'],
    ['DEPLOY', 'deploy'],
    ['log', 'logs'],
    ['lgos', 'logs'],
    ['loglevel', 'log-level'],
    ['start-server', undefined],
    ['', undefined],
  ]
  for (const [given, expected] of cases)
    it(`to '${given}' is ${expected}`, () => assert.equal(nearest(given, names), expected))
})
