/** Every type of security material that has a name. */
import type { MaterialTypeName } from '../records.ts'
import type { MaterialType } from './declare-material.ts'
import { jdbcDataSource } from './jdbc-data-source.ts'
import { oauth2AuthorizationCode } from './oauth2-authorization-code.ts'
import { oauth2ClientCredential } from './oauth2-client-credential.ts'
import { oauth2SamlBearerAssertion } from './oauth2-saml-bearer-assertion.ts'
import { secureParameter } from './secure-parameter.ts'
import { userCredential } from './user-credential.ts'

export const materialTypes: Readonly<Record<MaterialTypeName, MaterialType>> = {
  UserCredential: userCredential,
  SecureParameter: secureParameter,
  OAuth2ClientCredential: oauth2ClientCredential,
  OAuth2SamlBearerAssertion: oauth2SamlBearerAssertion,
  OAuth2AuthorizationCode: oauth2AuthorizationCode,
  JdbcDataSource: jdbcDataSource,
}
