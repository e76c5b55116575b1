import { type JsonFunctions, jsonFunctions } from './json-functions.ts'
import type { Migration } from './migration.ts'

/**
 * Service instances, keys and certificates become documents of one table with one revision. A record of refusals can
 * stand for several.
 */
export const registry: Migration = {
  name: '0003-registry',
  statements: (dialect) => {
    const text = dialect === 'postgres' ? 'text collate "C"' : 'text'
    return {
      control: [],
      tenant: [
        `create table registry_record (
          kind ${text} not null,
          id ${text} not null,
          revision bigint not null,
          document ${text},
          primary key (kind, id)
        )`,
        'create index registry_record_by_revision on registry_record (revision)',
        ...moveRows(jsonFunctions[dialect]),
        `insert into counter (name, value) select 'registry', coalesce(max(revision), 0) from registry_record`,
        'drop table registered_certificate',
        'drop table service_key',
        'drop table service_instance',
        'alter table refusal add column times bigint not null default 1',
      ],
    }
  },
}

function moveRows({ object, present, parsed, true: yes, asText }: JsonFunctions): readonly string[] {
  const authored = (by: string, at: string) =>
    `'createdBy', ${by}, 'createdAt', ${at}, 'modifiedBy', ${by}, 'modifiedAt', ${at}`
  const insert = 'insert into registry_record (kind, id, revision, document)'
  return [
    `${insert} select 'instance', id, 1, ${object(`'id', id, 'name', name, 'plan', plan,
      'roles', ${parsed('roles')}, 'grantTypes', ${parsed('grant_types')}, 'redirectUris', ${parsed('redirect_uris')},
      'tokenValidity', token_validity, ${authored('created_by', 'created_at')}`)}${asText}
      from service_instance`,
    `${insert} select 'key', id, 1, ${present(
      object(`'id', id, 'instanceId', instance_id, 'name', name, 'type', type, 'clientId', client_id,
      'secretHash', secret_hash, 'sealedSecret', sealed_secret, 'pinned', ${yes},
      ${authored('created_by', 'created_at')}`),
    )}${asText}
      from service_key`,
    `${insert} select 'certificate', fingerprint, 1, ${object(`'fingerprint', fingerprint,
      'holder', ${object(`'kind', 'key', 'id', key_id`)}, 'pem', pem, 'subject', subject, 'issuer', issuer,
      'serialNumber', serial_number, 'validFrom', valid_from, 'validTo', valid_to,
      ${authored('service_key.created_by', 'registered_at')}`)}${asText}
      from registered_certificate join service_key on service_key.id = key_id`,
  ]
}
