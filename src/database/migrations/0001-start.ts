import type { Migration } from './migration.ts'

/** The first schema: tenants, design time, deployments, identities, keys, materials, variables, messages, refusals. */
export const start: Migration = {
  name: '0001-start',
  statements: (dialect) => {
    // Texts sort and compare by code point in both databases, whatever the locale of the server.
    const text = dialect === 'postgres' ? 'text collate "C"' : 'text'
    const bytes = dialect === 'postgres' ? 'bytea' : 'blob'
    const table = (name: string, columns: readonly string[], ...constraints: readonly string[]): string => {
      const typed = columns.map((column) => {
        const [field, type, ...rest] = column.split(' ')
        const native = type === 'text' ? text : type === 'bytes' ? bytes : 'bigint'
        const rule = rest.join(' ') || 'not null'
        return `"${field}" ${native}${rule === 'optional' ? '' : ` ${rule}`}`
      })
      return `create table ${name} (${[...typed, ...constraints].join(', ')})`
    }
    const key = 'not null primary key'
    return {
      control: [table('tenant', [`id text ${key}`, 'sealed_key text'])],
      tenant: [
        table('integration_package', [
          `id text ${key}`,
          ...['name', 'description', 'short_text', 'version', 'vendor', 'mode', 'supported_platform'].map(asText),
          ...['products', 'keywords', 'countries', 'industries', 'line_of_business'].map(asText),
          ...changes,
        ]),
        table('artifact', [
          `id text ${key}`,
          'type text',
          'package_id text not null references integration_package (id) on delete cascade',
          ...['name', 'description', 'version', 'sender', 'receiver'].map(asText),
          ...changes,
        ]),
        'create index artifact_by_package on artifact (package_id)',
        table('artifact_content', [
          `artifact_id text ${key} references artifact (id) on delete cascade`,
          'content bytes',
        ]),
        table('counter', [`name text ${key}`, 'value number']),
        `insert into counter (name, value) values ('generation', 0)`,
        table('deployment', [
          `artifact_id text ${key}`,
          ...['type', 'package_id', 'name', 'version'].map(asText),
          'generation number',
          'deployed_by text',
          'deployed_at number',
          'status text',
          'fault text optional',
          'log_level text',
          'task_id text',
        ]),
        table('deployment_content', [
          `artifact_id text ${key} references deployment (artifact_id) on delete cascade`,
          'content bytes',
          // Of the version that started last: what runs on when the next one does not start.
          'started bytes optional',
        ]),
        table('deploy_task', [`task_id text ${key}`, 'artifact_id text', 'status text']),
        'create index deploy_task_by_artifact on deploy_task (artifact_id)',
        table(
          'endpoint',
          [
            'artifact_id text not null references deployment (artifact_id) on delete cascade',
            'protocol text',
            'path text',
          ],
          'primary key (artifact_id, protocol, path)',
        ),
        table('schedule_claim', ['key text', 'tick number', 'node text'], 'primary key (key, tick)'),
        table('service_instance', [
          `id text ${key}`,
          'name text not null unique',
          ...['plan', 'roles', 'grant_types', 'redirect_uris'].map(asText),
          'token_validity number',
          'created_by text',
          'created_at number',
        ]),
        table(
          'service_key',
          [
            `id text ${key}`,
            'instance_id text not null references service_instance (id) on delete cascade',
            'name text',
            'type text',
            'client_id text',
            'secret_hash text optional',
            'sealed_secret text optional',
            'created_by text',
            'created_at number',
          ],
          'unique (instance_id, name)',
        ),
        table('registered_certificate', [
          `fingerprint text ${key}`,
          'key_id text not null references service_key (id) on delete cascade',
          ...['pem', 'subject', 'issuer', 'serial_number'].map(asText),
          ...['valid_from', 'valid_to', 'registered_at'].map(asNumber),
        ]),
        'create index registered_certificate_by_key on registered_certificate (key_id)',
        table('keystore_entry', [
          `alias text ${key}`,
          'type text',
          'chain text',
          'sealed_key text optional',
          'owner text',
          'modified_by text',
          'modified_at number',
        ]),
        table('material', [
          `name text ${key}`,
          ...['type', 'kind', 'description', 'shown', 'sealed', 'deployed_by'].map(asText),
          'deployed_at number',
        ]),
        table(
          'variable',
          ['name text', 'flow_id text', 'sealed text', 'updated_at number', 'retain_until number'],
          'primary key (name, flow_id)',
        ),
        table('message', [
          `id text ${key}`,
          ...['correlation_id', 'flow_id', 'flow_name', 'package_id'].map(asText),
          'start number',
          'end number optional',
          ...['level', 'status', 'sender', 'receiver', 'principal', 'custom_status', 'application_id'].map(asText),
          ...['application_type', 'predecessor', 'node', 'detail'].map(asText),
        ]),
        'create index message_by_start on message (start)',
        'create index message_by_end on message ("end")',
        'create index message_by_flow on message (flow_id, start)',
        // Of the usual message, which ended well and stands alone, these hold nothing: each index more is paid by every
        // message. `message-filter.ts` repeats their conditions, or they would not be used.
        `create index message_by_status on message (status, start) where status <> 'COMPLETED'`,
        'create index message_by_correlation on message (correlation_id) where correlation_id <> id',
        `create index message_by_application on message (application_id) where application_id <> ''`,
        table('attachment', [
          `id text ${key}`,
          'message_id text not null references message (id) on delete cascade',
          'name text',
          'content_type text',
          'size number',
          'sealed text',
        ]),
        'create index attachment_by_message on attachment (message_id)',
        table(
          'trace',
          [
            'message_id text not null references message (id) on delete cascade',
            'position number',
            'sealed text',
            'expires number',
          ],
          'primary key (message_id, position)',
        ),
        'create index trace_by_expiry on trace (expires)',
        table('checkpoint', [`node text ${key}`, 'segment number', 'offset number']),
        table('refusal', [
          `reference text ${key}`,
          'time number',
          'remote_address text',
          'certificate text optional',
          ...['method', 'endpoint', 'stage', 'code', 'reason', 'remedy'].map(asText),
          'status number',
        ]),
        'create index refusal_by_time on refusal (time)',
      ],
    }
  },
}

const asText = (column: string): string => `${column} text`
const asNumber = (column: string): string => `${column} number`
const changes = ['created_by text', 'created_at number', 'modified_by text', 'modified_at number']
