import { alias, choice, secretText, text } from '../../fields/index.ts'
import { type MaterialType, notBlank, secretUrl } from './declare-material.ts'

/** OAuth2 SAML Bearer Assertion. */
export const oauth2SamlBearerAssertion: MaterialType = {
  type: 'OAuth2SamlBearerAssertion',
  label: 'OAuth2 SAML Bearer Assertion',
  most: 10_000,
  firstStatus: 'DEPLOYED',
  sentTo: ['tokenServiceUrl'],
  shown: {
    audience: text({ label: 'Audience', help: 'Host name of the target.', maxLength: 1024 }),
    tokenServiceUrl: secretUrl({ label: 'Token Service URL', help: 'Address that issues access tokens.' }),
    targetSystemType: choice({
      label: 'Target System Type',
      help: 'What the assertion is for.',
      options: { successfactors: 'SuccessFactors', neo: 'SAP BTP (Neo)', cf: 'SAP BTP (CF)' },
    }),
    companyId: text({ label: 'Company ID', help: 'Of SuccessFactors.', default: '', maxLength: 200 }),
    userId: choice({
      label: 'User ID',
      help: 'Whose identity the assertion carries.',
      options: { principal: 'Principal Propagation', commonName: 'Key Pair Common Name (CN)' },
      default: 'principal',
    }),
    userIdSource: text({
      label: 'userIdSource',
      help: 'Attribute of the principal to use.',
      default: '',
      maxLength: 200,
    }),
    keyPairAlias: alias({ label: 'Key Pair Alias', help: 'Key pair that signs.', of: 'key', default: '' }),
    tokenServiceUser: text({ label: 'Token Service User', help: 'Of SAP BTP.', default: '', maxLength: 200 }),
  },
  secret: {
    clientKey: secretText({ label: 'Client Key', help: 'API key that the target issued.', maxLength: 4096 }),
    tokenServicePassword: secretText({
      label: 'Token Service Password',
      help: 'Of SAP BTP.',
      default: '',
      maxLength: 4096,
    }),
  },
  rules({ targetSystemType, companyId, userId, userIdSource, keyPairAlias, tokenServiceUser, tokenServicePassword }) {
    const problems: string[] = []
    const need = (value: string | undefined, name: string, why: string) => {
      if (!notBlank(value)) problems.push(`${name} is required for ${why}`)
    }
    if (targetSystemType === 'successfactors') {
      need(companyId, 'companyId', 'SuccessFactors')
      if (userId === 'commonName') need(keyPairAlias, 'keyPairAlias', 'Key Pair Common Name (CN)')
      if (userId === 'commonName' && notBlank(userIdSource))
        problems.push('userIdSource is for Principal Propagation only')
      return problems
    }
    need(tokenServiceUser, 'tokenServiceUser', 'SAP BTP')
    need(tokenServicePassword, 'tokenServicePassword', 'SAP BTP')
    if (userId === 'commonName') problems.push('userId Key Pair Common Name (CN) is for SuccessFactors only')
    if (notBlank(companyId)) problems.push('companyId is for SuccessFactors only')
    return problems
  },
}
