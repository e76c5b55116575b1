import type { EntitySet } from '../../odata/index.ts'
import { hiddenText, materialSet, shownText } from '../material-set.ts'
import type { Call, Services } from '../services.ts'

/** What an access token is fetched with by a SAML assertion; the original has no interface for it. */
export const oauth2SamlBearerAssertions = (services: Services): EntitySet<Call> =>
  materialSet(services, {
    set: 'OAuth2SamlBearerAssertions',
    entity: 'OAuth2SamlBearerAssertion',
    type: 'OAuth2SamlBearerAssertion',
    descriptor: 'OAUTH2_SAML_BEARER_ASSERTION',
    // Whether a client key is needed depends on the target: the type says it.
    required: () => ['Audience', 'TokenServiceUrl', 'TargetSystemType'],
    properties: {
      Audience: shownText('audience', 1024),
      ClientKey: hiddenText('clientKey'),
      TokenServiceUrl: shownText('tokenServiceUrl', 2000),
      TargetSystemType: shownText('targetSystemType'),
      CompanyId: shownText('companyId', 200),
      UserId: shownText('userId'),
      UserIdSource: shownText('userIdSource', 200),
      KeyPairAlias: shownText('keyPairAlias', 250),
      TokenServiceUser: shownText('tokenServiceUser', 200),
      Issuer: shownText('issuer', 1024),
      NameIdFormat: shownText('nameIdFormat'),
      Recipient: shownText('recipient', 2000),
      AuthnContextClassRef: shownText('authnContext', 1024),
      AssertionAttributes: shownText('assertionAttributes', 65_536),
      AssertionValidity: shownText('assertionValidity'),
      Scope: shownText('scope', 4096),
      TokenServicePassword: hiddenText('tokenServicePassword'),
    },
  })
