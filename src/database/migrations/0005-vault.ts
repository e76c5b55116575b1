import { type JsonFunctions, jsonFunctions } from './json-functions.ts'
import type { Migration } from './migration.ts'

/**
 * Keystore entries and security material become documents, each store with one revision. What was sealed keeps the
 * context that it was sealed with: the document names it as `sealContext`.
 */
export const vault: Migration = {
  name: '0005-vault',
  statements: (dialect) => ({
    control: [],
    tenant: [
      ...['keystore', 'secrets'].flatMap((store) => createTable(store, dialect)),
      ...moveRows(jsonFunctions[dialect]),
      ...['keystore', 'secrets'].map(
        (store) =>
          `insert into counter (name, value) select '${store}', coalesce(max(revision), 0) from ${store}_record`,
      ),
      'drop table keystore_entry',
      'drop table material',
    ],
  }),
}

function createTable(store: string, dialect: 'sqlite' | 'postgres'): readonly string[] {
  const text = dialect === 'postgres' ? 'text collate "C"' : 'text'
  return [
    `create table ${store}_record (
      kind ${text} not null,
      id ${text} not null,
      revision bigint not null,
      document ${text},
      primary key (kind, id)
    )`,
    `create index ${store}_record_by_revision on ${store}_record (revision)`,
  ]
}

function moveRows({ object, present, parsed, quoted, asText }: JsonFunctions): readonly string[] {
  const authored = (by: string, at: string) =>
    `'createdBy', ${by}, 'createdAt', ${at}, 'modifiedBy', ${by}, 'modifiedAt', ${at}`
  return [
    `insert into keystore_record (kind, id, revision, document)
      select 'entry', alias, 1, ${present(
        object(`'alias', alias, 'type', type, 'chain', chain, 'sealedKey', sealed_key,
        'sealContext', case when sealed_key is null then null else 'keystore ' || type || ' ' || alias end,
        'owner', owner, ${authored('modified_by', 'modified_at')}`),
      )}${asText}
      from keystore_entry`,
    `insert into secrets_record (kind, id, revision, document)
      select 'material', name, 1, ${object(`'name', name, 'type', type, 'kind', kind, 'description', description,
        'shown', ${parsed('shown')}, 'sealed', sealed,
        'sealContext', '["material",' || ${quoted('type')} || ',' || ${quoted('name')} || ']',
        'status', 'DEPLOYED', ${authored('deployed_by', 'deployed_at')}`)}${asText}
      from material`,
  ]
}
