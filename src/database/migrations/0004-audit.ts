import type { Migration } from './migration.ts'

/** The audit log with the seals of its ends. */
export const audit: Migration = {
  name: '0004-audit',
  statements: (dialect) => {
    const text = dialect === 'postgres' ? 'text collate "C"' : 'text'
    return {
      control: [],
      tenant: [
        `create table audit_event (
          seq bigint not null primary key,
          time bigint not null,
          "user" ${text} not null,
          source ${text} not null,
          via ${text} not null,
          action ${text} not null,
          object_type ${text} not null,
          object_id ${text} not null,
          times bigint not null,
          details ${text} not null,
          key_id ${text} not null,
          previous_hash ${text} not null,
          hash ${text} not null
        )`,
        'create index audit_event_by_time on audit_event (time)',
        'create index audit_event_by_object on audit_event (object_type, object_id)',
        'create index audit_event_by_user on audit_event ("user")',
        `create table audit_seal (
          name ${text} not null primary key,
          seq bigint not null,
          hash ${text} not null,
          key_id ${text} not null,
          mac ${text} not null
        )`,
      ],
    }
  },
}
