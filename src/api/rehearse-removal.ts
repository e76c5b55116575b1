import type { FunctionImport } from '../odata/index.ts'
import { roles } from './roles.ts'
import type { Call, Services } from './services.ts'

/** What breaks if something goes away, without taking it away. */
export const rehearseRemoval = ({ rehearse }: Services): FunctionImport<Call> => ({
  name: 'RehearseRemoval',
  method: 'GET',
  status: 200,
  requires: roles.readExpiry,
  parameters: ['Kind', 'Name'],
  run: async ({ Kind = '', Name = '' }) => ({
    document: { content: JSON.stringify(await rehearse(Kind, Name)), contentType: 'application/json' },
  }),
})
