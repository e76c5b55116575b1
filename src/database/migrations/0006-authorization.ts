import type { Migration } from './migration.ts'

/** What the authorization server keeps: signing keys as records, models of grants, spent ids, revoked tokens. */
export const authorization: Migration = {
  name: '0006-authorization',
  statements: (dialect) => {
    const text = dialect === 'postgres' ? 'text collate "C"' : 'text'
    return {
      control: [],
      tenant: [
        `create table authorization_record (
          kind ${text} not null,
          id ${text} not null,
          revision bigint not null,
          document ${text},
          primary key (kind, id)
        )`,
        'create index authorization_record_by_revision on authorization_record (revision)',
        `create table authorization_model (
          kind ${text} not null,
          id ${text} not null,
          grant_id ${text},
          uid ${text},
          sealed ${text} not null,
          consumed bigint,
          expires bigint not null,
          primary key (kind, id)
        )`,
        'create index authorization_model_by_grant on authorization_model (grant_id)',
        'create index authorization_model_by_uid on authorization_model (uid)',
        'create index authorization_model_by_end on authorization_model (expires)',
        `create table spent_id (id ${text} primary key, expires bigint not null)`,
        'create index spent_id_by_end on spent_id (expires)',
        `create table revoked_token (id ${text} primary key, expires bigint not null, position bigint not null)`,
        'create index revoked_token_by_position on revoked_token (position)',
        'create index revoked_token_by_end on revoked_token (expires)',
        `insert into counter (name, value) values ('authorization', 0), ('revocation', 0)`,
      ],
    }
  },
}
