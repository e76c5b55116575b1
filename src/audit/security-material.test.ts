import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import type { AuditPort } from '../secrets/index.ts'
import { type AuditDraft, securityMaterialAudit } from './index.ts'

describe('changes of security material', () => {
  for (const [action, type, expectedAction, expectedType] of [
    ['create', 'UserCredential', 'Create', 'Credential'],
    ['update', 'SecureParameter', 'Change', 'Credential'],
    ['delete', 'JdbcDataSource', 'Delete', 'Data Source'],
    ['authorize', 'OAuth2AuthorizationCode', 'Change', 'Credential'],
    ['approve', 'KnownHosts', 'Change', 'Security Material'],
    ['added', 'PgpPublicKeyring', 'Create', 'PGP Public Key(s)'],
    ['exportSecretKey', 'PgpSecretKeyring', 'Read', 'PGP Secret Key(s)'],
  ] as const) {
    it(`${action} of ${type}: ${expectedAction} of ${expectedType}`, async () => {
      const drafts: AuditDraft[] = []
      const port: AuditPort = securityMaterialAudit({ record: async (draft) => void drafts.push(draft) })
      await port.record({ action, objectType: type, objectId: 'x', attributes: { by: 'ann', lines: '2' } })
      assert.deepEqual(drafts, [
        {
          action: expectedAction,
          objectType: expectedType,
          objectId: 'x',
          user: 'ann',
          attributes: { lines: '2', type, what: action },
        },
      ])
    })
  }
})
