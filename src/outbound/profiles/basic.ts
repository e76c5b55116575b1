import { compileTemplate } from '../../languages/index.ts'
import type { Profile } from '../contracts.ts'
import { faults } from '../faults.ts'

/** User name and password (RFC 7617). */
export const basic: Profile = {
  method: 'Basic',
  headers: ['authorization'],
  credential: { types: ['UserCredential', 'SecureParameter'], words: 'a user credential' },
  compile({ credentialName }) {
    const aliasOf = compileTemplate(credentialName)
    return async ({ exchange, run }) => {
      const alias = aliasOf.text(exchange, run).trim()
      if (alias === '') throw faults.aliasMissing({ method: 'Basic', what: 'a user credential' })
      const { user, password } = await run.services.credentials.userCredential(alias, run)
      const value = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
      return { headers: ['Authorization', value], keyPair: undefined, identity: alias, refused: undefined }
    }
  },
}
