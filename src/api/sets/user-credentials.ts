import type { EntitySet } from '../../odata/index.ts'
import { hiddenText, materialSet, shownText } from '../material-set.ts'
import { textOf } from '../row-values.ts'
import type { Call, Services } from '../services.ts'

/** User names with passwords, for the receivers of flows; also those of SuccessFactors and Open Connectors. */
export const userCredentials = (services: Services): EntitySet<Call> =>
  materialSet(services, {
    set: 'UserCredentials',
    entity: 'UserCredential',
    type: 'UserCredential',
    descriptor: 'CREDENTIALS',
    required: (body) => (textOf(body, 'Kind') === 'openconnectors' ? ['Password'] : ['User', 'Password']),
    properties: {
      Kind: shownText('kind'),
      User: shownText('user', 200),
      Password: hiddenText('password'),
      CompanyId: shownText('companyId', 200),
      Organization: hiddenText('organization'),
      Element: hiddenText('element'),
    },
  })
