/** Through which door the one who acts came. */
export type Via = 'api' | 'cli' | 'system' | 'flow'

/** Who acts, as far as it is known. */
export interface Actor {
  /** Name of the user, the service key or the flow. */
  readonly user: string
  /** Remote address; empty for what came over no network. */
  readonly source: string
  readonly via: Via
}

type Stage = 'Initiated' | 'Completed'
type Transfer = 'Started' | 'Completed'

/**
 * What was done, in the words of the original (auditing-and-logging-information: Actions); a rename is a Delete and a
 * Create there as well. `Logon`, `Refuse`, `Test` and `Break` are ours: the original audits none of these.
 */
export type AuditAction =
  | 'Create'
  | 'Read'
  | 'Change'
  | 'Delete'
  | 'Move'
  | 'Retry'
  | 'PasswordStore'
  | 'PasswordDelete'
  | `Package_${'Import' | 'Transport'}_${Transfer}`
  | `Artifact_Transport_${Transfer}`
  | `${'Creation' | 'Update' | 'Deploy' | 'Undeploy' | 'Deletion'}_of_Artifact_${Stage}`
  | `Update_of_${'Version' | 'Configuration'}_of_Artifact_${Stage}`
  | 'Logon'
  /** An act that was not allowed. */
  | 'Refuse'
  /** A connection was tried out. */
  | 'Test'
  /** The log itself was found tampered with. */
  | 'Break'

/** What something was done to: first the words of the original, then what only Sluice has. */
export type AuditObjectType =
  | 'X.509 Key-Pair'
  | 'X.509 Certificate'
  | 'Backup X.509 Certificate'
  | 'Public Keyring'
  | 'Secret Keyring'
  | 'PGP Public Key(s)'
  | 'PGP Secret Key(s)'
  | 'Credential'
  | 'Security Material'
  | 'Data Source'
  | 'Access Policy'
  | 'Artifact Reference'
  | 'Certificate User Mapping'
  | 'Message'
  | 'Message Queue'
  | 'Message Payload (Trace)'
  | 'MPL Attachment'
  | 'Variable'
  | 'Package'
  | 'IntegrationFlow'
  | 'ValueMapping'
  | 'ScriptCollection'
  | 'MessageMapping'
  | `PD ${'Alternative Partner' | 'Authorized User' | 'Binary Parameter' | 'String Parameter' | 'User Credential'}`
  | 'SSH Key'
  | 'Keystore'
  | 'Certificate Request'
  | 'Service Instance'
  | 'Service Key'
  | 'Role'
  | 'User'
  | 'User Group'
  | 'Tenant Policy'
  | 'Endpoint Policy'
  | 'Trust Anchor'
  | 'Trusted Identity Provider'
  | 'Revocation List'
  | 'Grant'
  | 'Logon'
  | 'Connectivity Test'
  /** What a refused call was for. */
  | 'Management API'
  | 'Audit Log'
  /** The keys that seal all others, and backups. */
  | 'Vault'

/** A value before and after; what is absent was not there. Of a secret it says only `set` or `changed`. */
export interface Change {
  readonly before?: string
  readonly after?: string
}

/** What is to be recorded. Who did it is taken from the actor at work, where it is not said here. */
export interface AuditDraft extends Partial<Actor> {
  readonly action: AuditAction
  readonly objectType: AuditObjectType
  /** Name or id of the object; kept up to 500 characters. */
  readonly objectId: string
  /** Values that tell more, such as Subject CN; what is named or looks like a secret is recorded as `set`. */
  readonly attributes?: Readonly<Record<string, string>>
  /** Made by `describeChange`. */
  readonly changedAttributes?: Readonly<Record<string, Change>>
}

/** An entry of the audit log. */
export interface AuditEvent extends Actor {
  /** Counts from 1 without gaps. */
  readonly seq: number
  /** Milliseconds since 1970. */
  readonly time: number
  readonly action: string
  readonly objectType: string
  readonly objectId: string
  /** How many equal events of one second it stands for; `time` is that of the first. */
  readonly times: number
  readonly attributes: Readonly<Record<string, string>>
  readonly changedAttributes: Readonly<Record<string, Change>>
  /** `hash` of the event before; empty for the first. */
  readonly previousHash: string
  /** HMAC-SHA-256 in hex over all of the event and `previousHash`. */
  readonly hash: string
}
