import { choice, flag, text } from '../../fields/index.ts'
import { declareCommand } from '../command.ts'
import { givenOnly, putMaterial } from '../put-material.ts'

const optional = (label: string, help: string) => text({ label, help, default: '' })

const properties = {
  database: 'DatabaseType',
  url: 'JdbcUrl',
  user: 'User',
  'database-id': 'DatabaseId',
  'location-id': 'LocationId',
  'max-pool-size': 'MaxPoolSize',
  'min-idle': 'MinIdle',
  'idle-timeout': 'IdleTimeout',
  'connection-timeout': 'ConnectionTimeout',
  description: 'Description',
} as const

export const jdbcSet = declareCommand({
  name: 'jdbc set',
  summary:
    'Creates or changes a JDBC data source. What is not given stays. The password, or access token, comes from a prompt or standard input, never from an argument.',
  examples: [
    {
      line: 'jdbc set Orders --database postgresql --url jdbc:postgresql://db.example.com:5432/orders --user flow',
      words: 'Asks for the password.',
    },
    { line: 'jdbc set Orders --max-pool-size 5 --keep-secret', words: 'Changes one thing.' },
  ],
  positionals: { name: text({ label: 'name', help: 'Name of letters and digits under which flows refer to it.' }) },
  flags: {
    database: choice({
      label: 'kind',
      help: 'Kind of the database.',
      options: {
        '': 'As it is',
        ase: 'SAP ASE',
        db2: 'IBM DB2',
        hana: 'SAP HANA',
        mariadb: 'MariaDB',
        mssql: 'Microsoft SQL Server',
        mysql: 'MySQL',
        oracle: 'Oracle',
        postgresql: 'PostgreSQL',
      },
      default: '',
    }),
    url: optional('address', 'JDBC URL, without user and password.'),
    user: optional('name', 'User of the database.'),
    'database-id': optional('id', 'Of a database that is reached by an access token, which is asked for.'),
    'location-id': optional('id', 'Of a database behind a connector.'),
    'max-pool-size': optional('number', 'Most connections, 1 to 10.'),
    'min-idle': optional('number', 'Connections kept open, 0 to 10.'),
    'idle-timeout': optional('milliseconds', 'Unused for so long, a connection is closed.'),
    'connection-timeout': optional('milliseconds', 'How long to wait for a connection.'),
    description: optional('text', 'What it is for.'),
    'keep-secret': flag({ label: 'keep', help: 'Leave password and access token as they are.', default: false }),
  },
  async run({ name, 'keep-secret': keep, ...given }, session) {
    const named = Object.entries(givenOnly(given)).map(([flag, value]) => [
      properties[flag as keyof typeof properties],
      value,
    ])
    const done = await putMaterial(session, {
      set: 'JdbcDataSources',
      name,
      properties: Object.fromEntries(named) as Readonly<Record<string, string>>,
      secrets: [
        given['database-id'] === ''
          ? { property: 'Password', words: 'Password' }
          : { property: 'AccessToken', words: 'Access token' },
      ],
      ask: (before) => before === undefined || !keep,
    })
    session.output.result({ name, done }, `${done}  ${name}`)
  },
})
