import { type FunctionImport, readBody, text } from '../odata/index.ts'
import { roles } from './roles.ts'
import { requireTexts, textOf } from './row-values.ts'
import type { Call, Services } from './services.ts'

/** A key pair of the tenant as PKCS#12, where the settings allow that private keys leave. */
export const exportKeyPair = ({ keystore }: Services): FunctionImport<Call> => ({
  name: 'ExportKeyPair',
  method: 'POST',
  status: 200,
  requires: roles.exportPrivateKeys,
  parameters: ['Alias'],
  run: async ({ Alias = '' }, { caller }, { content, contentType }) => {
    const type = { name: 'ExportKeyPair', key: [], properties: { Password: text(500) } }
    const body = readBody(content, contentType || undefined, type)
    requireTexts(body, ['Password'])
    const file = await keystore.exportPrivateKey(Alias, textOf(body, 'Password'), caller.name)
    return { document: { content: file, contentType: 'application/x-pkcs12', fileName: `${Alias}.p12` } }
  },
})
