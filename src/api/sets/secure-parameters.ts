import type { EntitySet } from '../../odata/index.ts'
import { hiddenText, materialSet } from '../material-set.ts'
import type { Call, Services } from '../services.ts'

/** Values that no user name goes with, for scripts and adapters. */
export const secureParameters = (services: Services): EntitySet<Call> =>
  materialSet(services, {
    set: 'SecureParameters',
    entity: 'SecureParameter',
    type: 'SecureParameter',
    required: () => ['SecureParam'],
    properties: { SecureParam: hiddenText('value') },
  })
