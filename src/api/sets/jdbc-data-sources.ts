import type { EntitySet } from '../../odata/index.ts'
import { hiddenText, materialSet, shownText } from '../material-set.ts'
import { textOf } from '../row-values.ts'
import type { Call, Services } from '../services.ts'

/** Databases that flows reach; the original has no interface for them. */
export const jdbcDataSources = (services: Services): EntitySet<Call> =>
  materialSet(services, {
    set: 'JdbcDataSources',
    entity: 'JdbcDataSource',
    type: 'JdbcDataSource',
    descriptor: 'JDBC_DATA_SOURCE',
    required: (body) =>
      textOf(body, 'DatabaseId') === ''
        ? ['DatabaseType', 'User', 'Password', 'JdbcUrl']
        : ['DatabaseType', 'AccessToken'],
    properties: {
      DatabaseType: shownText('databaseType'),
      User: shownText('user', 200),
      Password: hiddenText('password'),
      DatabaseId: shownText('databaseId', 200),
      AccessToken: hiddenText('accessToken'),
      JdbcUrl: shownText('jdbcUrl', 2000),
      LocationId: shownText('locationId', 200),
      MaxPoolSize: shownText('maxPoolSize'),
      MinIdle: shownText('minIdle'),
      IdleTimeout: shownText('idleTimeout'),
      ConnectionTimeout: shownText('connectionTimeout'),
    },
  })
