import { Fault } from '../../base/index.ts'
import type { OAuthCredential, Run } from '../../flow/index.ts'
import { compileTemplate } from '../../languages/index.ts'
import type { Call } from '../contracts.ts'
import { faults } from '../faults.ts'

/** What the original calls the security material that a person has to deploy. */
export const wordsOf: Readonly<Record<OAuthCredential['type'], string>> = {
  OAuth2ClientCredential: 'OAuth2 Client Credentials',
  OAuth2SamlBearerAssertion: 'an OAuth2 SAML Bearer Assertion',
  OAuth2AuthorizationCode: 'an OAuth2 Authorization Code',
}

/**
 * Compiles the name of a credential into its look-up.
 * @throws outbound.aliasMissing, outbound.credentialMissing, outbound.credentialUnfit, and those of `oauthCredential` from the function it returns
 */
export function compileCredential(
  method: string,
  type: OAuthCredential['type'],
  credentialName: string,
): (call: Call) => Promise<OAuthCredential> {
  const aliasOf = compileTemplate(credentialName)
  const wanted = wordsOf[type]

  async function lend(alias: string, run: Run): Promise<OAuthCredential> {
    try {
      return await run.services.outbound.oauthCredential(alias, run)
    } catch (error) {
      if (!(error instanceof Fault) || error.kind !== 'missing') throw error
      const other = await run.services.outbound.typeOf('credential', alias)
      if (other === undefined) throw faults.credentialMissing({ alias, wanted })
      throw faults.credentialUnfit({ method, alias, type: other, wanted })
    }
  }

  return async ({ exchange, run }) => {
    const alias = aliasOf.text(exchange, run).trim()
    if (alias === '') throw faults.aliasMissing({ method, what: wanted })
    const credential = await lend(alias, run)
    if (credential.type !== type)
      throw faults.credentialUnfit({ method, alias, type: wordsOf[credential.type], wanted })
    return credential
  }
}
