import { choice, duration, integer, secretText, text } from '../../fields/index.ts'
import type { MaterialType } from './declare-material.ts'

const day = 86_400_000

/** JDBC data source. */
export const jdbcDataSource: MaterialType = {
  type: 'JdbcDataSource',
  label: 'JDBC Data Source',
  most: 500,
  firstStatus: 'DEPLOYED',
  sentTo: ['jdbcUrl', 'locationId'],
  nameProblem: (name) => (/^[A-Za-z0-9]+$/.test(name) ? undefined : 'must consist of letters and digits only'),
  shown: {
    databaseType: choice({
      label: 'Database Type',
      help: 'Kind of the database.',
      options: {
        db2: 'IBM DB2',
        hana: 'SAP HANA',
        mariadb: 'MariaDB',
        mssql: 'Microsoft SQL Server',
        mysql: 'MySQL',
        oracle: 'Oracle',
        postgresql: 'PostgreSQL',
        ase: 'SAP ASE',
      },
    }),
    user: text({ label: 'User', help: 'User of the database.', default: '', maxLength: 200 }),
    databaseId: text({
      label: 'Database ID',
      help: 'Of databases that are reached by ID and access token.',
      default: '',
      maxLength: 200,
    }),
    jdbcUrl: text({
      label: 'JDBC URL',
      help: 'Address of the database, without user and password.',
      default: '',
      maxLength: 2000,
      pattern: /^jdbc:[a-z0-9]+:\S+$/,
      form: 'an address such as jdbc:postgresql://host:5432/name',
    }),
    locationId: text({ label: 'Location ID', help: 'Of a database behind a connector.', default: '', maxLength: 200 }),
    maxPoolSize: integer({ label: 'Maximum Pool Size', help: 'Most connections.', min: 1, max: 10, default: 10 }),
    minIdle: integer({ label: 'Minimum Idle', help: 'Connections kept open.', min: 0, max: 10, default: 1 }),
    idleTimeout: duration({
      label: 'Idle Timeout',
      help: 'Unused for so long, a connection is closed.',
      unit: 'ms',
      min: 10_000,
      max: day,
      default: 600_000,
    }),
    connectionTimeout: duration({
      label: 'Connection Timeout',
      help: 'How long to wait for a connection.',
      unit: 'ms',
      min: 250,
      max: day,
      default: 30_000,
    }),
  },
  secret: {
    password: secretText({ label: 'Password', help: 'Never shown again.', default: '', maxLength: 4096 }),
    accessToken: secretText({ label: 'Access Token', help: 'Goes with a database ID.', default: '', maxLength: 4096 }),
  },
  rules({ user, password, databaseId, accessToken, jdbcUrl = '', maxPoolSize, minIdle }) {
    const problems: string[] = []
    if (Number(minIdle) > Number(maxPoolSize)) problems.push('minIdle must not be more than maxPoolSize')
    // The address is shown, so it is no place for a secret.
    if (/(?:password|passwd|pwd)\s*=|\/\/[^/@]*:[^/@]*@/i.test(jdbcUrl))
      problems.push('jdbcUrl must not hold a user or password: give them as user and password')
    const byToken = databaseId !== '' || accessToken !== ''
    if (byToken && (databaseId === '' || accessToken === ''))
      problems.push('databaseId and accessToken belong together')
    if (!byToken && (user === '' || password === '' || jdbcUrl === ''))
      problems.push('jdbcUrl, user and password are required, or databaseId and accessToken')
    return problems
  },
}
