import type { Migration } from './migration.ts'

/** Custom headers move out of the message's detail into a table where they can be searched. */
export const customHeaders: Migration = {
  name: '0002-custom-headers',
  statements: (dialect) => ({
    control: [],
    tenant: [...createTable(dialect === 'postgres' ? 'text collate "C"' : 'text'), ...moveRows[dialect]],
  }),
}

const createTable = (text: string): readonly string[] => [
  `create table custom_header (
    message_id ${text} not null references message (id) on delete cascade,
    position bigint not null,
    name ${text} not null,
    value ${text} not null,
    primary key (message_id, position)
  )`,
  'create index custom_header_by_name on custom_header (name, value)',
]

const moveRows = {
  sqlite: [
    `insert into custom_header (message_id, position, name, value)
      select message.id, header.key,
        substr(json_extract(header.value, '$[0]'), 1, 198), substr(json_extract(header.value, '$[1]'), 1, 500)
      from message, json_each(message.detail, '$.customHeaders') as header`,
    `update message set detail = json_remove(detail, '$.customHeaders')
      where json_type(detail, '$.customHeaders') is not null`,
  ],
  postgres: [
    `insert into custom_header (message_id, position, name, value)
      select message.id, header.position - 1, left(header.pair ->> 0, 198), left(header.pair ->> 1, 500)
      from message,
        jsonb_array_elements(coalesce(message.detail::jsonb -> 'customHeaders', '[]'))
          with ordinality as header (pair, position)`,
    `update message set detail = (detail::jsonb - 'customHeaders')::text
      where jsonb_exists(detail::jsonb, 'customHeaders')`,
  ],
} as const
