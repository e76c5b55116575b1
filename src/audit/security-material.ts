import type { Audit } from './audit.ts'
import type { AuditAction, AuditObjectType, Change } from './records.ts'

const objectTypes: Readonly<Record<string, AuditObjectType>> = {
  UserCredential: 'Credential',
  SecureParameter: 'Credential',
  OAuth2ClientCredential: 'Credential',
  OAuth2SamlBearerAssertion: 'Credential',
  OAuth2AuthorizationCode: 'Credential',
  FlowCapabilities: 'Grant',
  JdbcDataSource: 'Data Source',
  PgpPublicKeyring: 'PGP Public Key(s)',
  PgpSecretKeyring: 'PGP Secret Key(s)',
}

const actions: Readonly<Record<string, AuditAction>> = {
  create: 'Create',
  added: 'Create',
  delete: 'Delete',
  removed: 'Delete',
  exportSecretKey: 'Read',
}

/** What security material says of a change: who made it stands in the attribute `by`. */
interface MaterialDraft {
  readonly action: string
  readonly objectType: string
  readonly objectId: string
  readonly attributes?: Readonly<Record<string, string>>
  readonly changedAttributes?: Readonly<Record<string, Change>>
}

/** The audit log as security material writes to it, in the words of the original; its own words stay beside them. */
export const securityMaterialAudit = (
  audit: Pick<Audit, 'record'>,
): { readonly record: (draft: MaterialDraft) => Promise<void> } => ({
  record({ action, objectType, objectId, attributes = {}, changedAttributes }) {
    const { by, ...rest } = attributes
    return audit.record({
      action: actions[action] ?? 'Change',
      objectType: objectTypes[objectType] ?? 'Security Material',
      objectId,
      ...(by !== undefined && { user: by }),
      attributes: { ...rest, type: objectType, what: action },
      ...(changedAttributes && { changedAttributes }),
    })
  },
})
