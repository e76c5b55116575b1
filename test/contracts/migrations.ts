import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CompiledQuery } from 'kysely'
import { migrations } from '../../src/database/migrations/index.ts'
import { openDatabase } from '../../src/database/open-database.ts'
import type { RegisteredCertificate, ServiceInstance, ServiceKey } from '../../src/identity/records.ts'
import type { Backend } from './backends.ts'

type Row = Readonly<Record<string, unknown>>

/** A record as JSON gives it back, which leaves out what is undefined. */
type Document<Record> = {
  readonly [Key in keyof Record as undefined extends Record[Key] ? never : Key]: Record[Key]
} & { readonly [Key in keyof Record as undefined extends Record[Key] ? Key : never]?: Exclude<Record[Key], undefined> }

/** What a migration does to rows that were there before it. */
interface Case {
  /** Rows by table, in the schema as it was before. */
  readonly before: Readonly<Record<string, readonly Row[]>>
  /** What a query finds afterwards; a document is compared parsed. */
  readonly after: Readonly<Record<string, readonly Row[]>>
}

const message = (id: string, detail: object): Row => ({
  id,
  ...Object.fromEntries(
    ['correlation_id', 'flow_id', 'flow_name', 'package_id', 'level', 'status', 'sender', 'receiver'].map((name) => [
      name,
      '',
    ]),
  ),
  ...Object.fromEntries(
    ['principal', 'custom_status', 'application_id', 'application_type', 'predecessor', 'node'].map((name) => [
      name,
      '',
    ]),
  ),
  start: 1,
  detail: JSON.stringify(detail),
})

const instance = (id: string, given: Row = {}): Row => ({
  id,
  name: `instance ${id}`,
  plan: 'integration-flow',
  roles: '["ESBMessaging.send"]',
  grant_types: '["client_credentials"]',
  redirect_uris: '[]',
  token_validity: 3600,
  created_by: 'ann',
  created_at: 1_763_000_000_000,
  ...given,
})

const authored = { createdBy: 'ann', createdAt: 1_763_000_000_000, modifiedBy: 'ann', modifiedAt: 1_763_000_000_000 }
const refusal = {
  reference: 'R1',
  time: 1,
  ...Object.fromEntries(
    ['remote_address', 'method', 'endpoint', 'stage', 'code', 'reason', 'remedy'].map((name) => [name, 'x']),
  ),
  status: 403,
}

/** Everything that JSON writes in its own way. */
const oddName = 'E/R\\P "x" \b\f\n\r\t\u0001\u001f\u007f\u2028 é 𝄞'

/** One for every migration but the first, which finds nothing. */
const cases: Readonly<Record<string, Case>> = {
  '0002-custom-headers': {
    before: {
      message: [
        message('m1', {
          properties: [],
          steps: [],
          customHeaders: [
            ['order', '1'],
            ['order', 'x'.repeat(600)],
          ],
        }),
        message('m2', { properties: [], steps: [], customHeaders: [] }),
        message('m3', { properties: [] }),
      ],
    },
    after: {
      'select message_id, position, name, value from custom_header order by message_id, position': [
        { messageId: 'm1', position: 0, name: 'order', value: '1' },
        { messageId: 'm1', position: 1, name: 'order', value: 'x'.repeat(500) },
      ],
      [`select id from message where detail like '%customHeaders%'`]: [],
      [`select id from message where detail like '%properties%' order by id`]: [
        { id: 'm1' },
        { id: 'm2' },
        { id: 'm3' },
      ],
    },
  },
  '0003-registry': {
    before: {
      service_instance: [
        instance('i1', { roles: '["a", "b\\"c", "\\u0000\\ud800"]', redirect_uris: '["https://x/é"]' }),
        instance('i2', { plan: 'api', roles: '[]', token_validity: 43_200 }),
      ],
      service_key: [
        {
          id: 'k1',
          instance_id: 'i1',
          name: 'a "key" 𝄞',
          type: 'secret',
          client_id: 'sb-1',
          secret_hash: 'ff',
          sealed_secret: 'SEALED',
          created_by: 'ann',
          created_at: 1_763_000_000_000,
        },
        {
          id: 'k2',
          instance_id: 'i1',
          name: 'k2',
          type: 'certificate_external',
          client_id: 'sb-2',
          created_by: 'ann',
          created_at: 1_763_000_000_000,
        },
      ],
      registered_certificate: [
        {
          fingerprint: 'f1',
          key_id: 'k2',
          pem: '-----BEGIN\nPEM\n',
          subject: 'CN="a, \\b"',
          issuer: 'CN=é',
          serial_number: '0a',
          valid_from: 0,
          valid_to: 253_402_300_799_000,
          registered_at: 1_764_000_000_000,
        },
      ],
      refusal: [refusal],
    },
    after: {
      'select kind, id, revision, document from registry_record order by kind, id': [
        {
          kind: 'certificate',
          id: 'f1',
          revision: 1,
          document: {
            fingerprint: 'f1',
            holder: { kind: 'key', id: 'k2' },
            pem: '-----BEGIN\nPEM\n',
            subject: 'CN="a, \\b"',
            issuer: 'CN=é',
            serialNumber: '0a',
            validFrom: 0,
            validTo: 253_402_300_799_000,
            ...authored,
            createdAt: 1_764_000_000_000,
            modifiedAt: 1_764_000_000_000,
          } satisfies Document<RegisteredCertificate>,
        },
        {
          kind: 'instance',
          id: 'i1',
          revision: 1,
          document: {
            id: 'i1',
            name: 'instance i1',
            plan: 'integration-flow',
            roles: ['a', 'b"c', '\0\ud800'],
            grantTypes: ['client_credentials'],
            redirectUris: ['https://x/é'],
            tokenValidity: 3600,
            ...authored,
          } satisfies Document<ServiceInstance>,
        },
        {
          kind: 'instance',
          id: 'i2',
          revision: 1,
          document: {
            id: 'i2',
            name: 'instance i2',
            plan: 'api',
            roles: [],
            grantTypes: ['client_credentials'],
            redirectUris: [],
            tokenValidity: 43_200,
            ...authored,
          } satisfies Document<ServiceInstance>,
        },
        {
          kind: 'key',
          id: 'k1',
          revision: 1,
          document: {
            id: 'k1',
            instanceId: 'i1',
            name: 'a "key" 𝄞',
            type: 'secret',
            clientId: 'sb-1',
            secretHash: 'ff',
            sealedSecret: 'SEALED',
            pinned: true,
            ...authored,
          } satisfies Document<ServiceKey>,
        },
        {
          kind: 'key',
          id: 'k2',
          revision: 1,
          document: {
            id: 'k2',
            instanceId: 'i1',
            name: 'k2',
            type: 'certificate_external',
            clientId: 'sb-2',
            pinned: true,
            ...authored,
          } satisfies Document<ServiceKey>,
        },
      ],
      'select name, value from counter order by name': [
        { name: 'generation', value: 0 },
        { name: 'registry', value: 1 },
      ],
      'select reference, times from refusal': [{ reference: 'R1', times: 1 }],
    },
  },
  '0004-audit': {
    before: {},
    after: { 'select seq from audit_event': [], 'select name from audit_seal': [] },
  },
  '0005-vault': {
    before: {
      keystore_entry: [
        {
          alias: 'a "pair" 𝄞',
          type: 'keypair',
          chain: '-----BEGIN\nPEM\n',
          sealed_key: 'SEALED',
          owner: 'system',
          modified_by: 'ann',
          modified_at: 1_763_000_000_000,
        },
        {
          alias: 'ca',
          type: 'certificate',
          chain: 'PEM',
          owner: 'tenant',
          modified_by: 'ann',
          modified_at: 1_763_000_000_000,
        },
      ],
      material: [
        {
          name: oddName,
          type: 'UserCredential',
          kind: 'default',
          description: 'é "quoted"',
          shown: '{"user":"tom\\u0000\\ud800"}',
          sealed: 'SEALED',
          deployed_by: 'ann',
          deployed_at: 1_763_000_000_000,
        },
      ],
    },
    after: {
      'select kind, id, revision, document from keystore_record order by id': [
        {
          kind: 'entry',
          id: 'a "pair" 𝄞',
          revision: 1,
          document: {
            alias: 'a "pair" 𝄞',
            type: 'keypair',
            chain: '-----BEGIN\nPEM\n',
            sealedKey: 'SEALED',
            sealContext: 'keystore keypair a "pair" 𝄞',
            owner: 'system',
            ...authored,
          },
        },
        {
          kind: 'entry',
          id: 'ca',
          revision: 1,
          document: { alias: 'ca', type: 'certificate', chain: 'PEM', owner: 'tenant', ...authored },
        },
      ],
      'select kind, id, revision, document from secrets_record': [
        {
          kind: 'material',
          id: oddName,
          revision: 1,
          document: {
            name: oddName,
            type: 'UserCredential',
            kind: 'default',
            description: 'é "quoted"',
            shown: { user: 'tom\0\ud800' },
            sealed: 'SEALED',
            sealContext: JSON.stringify(['material', 'UserCredential', oddName]),
            status: 'DEPLOYED',
            ...authored,
          },
        },
      ],
      [`select name, value from counter where name in ('keystore', 'secrets') order by name`]: [
        { name: 'keystore', value: 1 },
        { name: 'secrets', value: 1 },
      ],
    },
  },
  '0006-authorization': {
    before: {},
    after: {
      [`select name, value from counter where name in ('authorization', 'revocation') order by name`]: [
        { name: 'authorization', value: 0 },
        { name: 'revocation', value: 0 },
      ],
      'select id from authorization_record': [],
    },
  },
}

/** What every migration must do with data. */
export function migrationContract(backend: () => Backend): void {
  describe('migrations', () => {
    it('are in the order of their numbers, and each after the first is tested with rows', () => {
      const names = migrations.map(({ name }) => name)
      assert.deepEqual(names, names.toSorted())
      assert.deepEqual(Object.keys(cases), names.slice(1))
      names.forEach((name, index) => assert.ok(name.startsWith(String(index + 1).padStart(4, '0'))))
    })

    for (const [name, { before, after }] of Object.entries(cases)) {
      it(`${name} keeps what was there`, async () => {
        const index = migrations.findIndex((migration) => migration.name === name)
        const place = backend().place()
        const old = await openDatabase(place, migrations.slice(0, index))
        for (const [table, rows] of Object.entries(before)) {
          for (const row of rows)
            await old.query
              .insertInto(table as 'message')
              .values(row as never)
              .execute()
        }
        await old.close()
        const migrated = await openDatabase(place, migrations.slice(0, index + 1))
        for (const [query, expected] of Object.entries(after)) {
          const { rows } = await migrated.query.executeQuery<Row>(CompiledQuery.raw(query))
          assert.deepEqual(
            rows.map(({ document, ...row }) =>
              typeof document === 'string' ? { ...row, document: JSON.parse(document) as unknown } : row,
            ),
            expected,
            query,
          )
        }
        await migrated.close()
      })
    }
  })
}
