import { alias, choice, integer, secretText, table, text } from '../../fields/index.ts'
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
      options: {
        successfactors: 'SuccessFactors',
        neo: 'SAP BTP (Neo)',
        cf: 'SAP BTP (CF)',
        generic: 'Other (RFC 7522)',
      },
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
    tokenServiceUser: text({
      label: 'Token Service User',
      help: 'Client at the token service of SAP BTP, or of another one.',
      default: '',
      maxLength: 200,
    }),
    issuer: text({
      label: 'Issuer',
      help: 'Name under which the target knows who signs; empty for the common name of the key pair.',
      default: '',
      maxLength: 1024,
    }),
    nameIdFormat: choice({
      label: 'Name ID Format',
      help: 'What kind of name the user has in the assertion.',
      options: { unspecified: 'Unspecified', emailAddress: 'E-Mail Address', persistent: 'Persistent' },
      default: 'unspecified',
    }),
    recipient: text({
      label: 'Recipient',
      help: 'Address that the assertion names as its recipient; empty for the token service URL.',
      default: '',
      maxLength: 2000,
    }),
    authnContext: text({
      label: 'authnContextClassRef',
      help: 'How the user has logged on, as URI; empty for what fits the user ID.',
      default: '',
      maxLength: 1024,
    }),
    assertionAttributes: table({
      label: 'Assertion Attributes',
      help: 'Further attributes of every assertion; several rows of one name are its values.',
      columns: {
        name: text({ label: 'Name', help: 'Name of the attribute.', maxLength: 255 }),
        value: text({ label: 'Value', help: 'Its value.', default: '', maxLength: 2000 }),
      },
    }),
    assertionValidity: integer({
      label: 'Assertion Validity',
      help: 'Seconds for which an assertion holds.',
      min: 60,
      max: 3600,
      default: 300,
    }),
    scope: text({
      label: 'Scope',
      help: 'Scopes that are asked for, with blanks between.',
      default: '',
      maxLength: 4096,
    }),
  },
  secret: {
    clientKey: secretText({
      label: 'Client Key',
      help: 'API key that the target issued. None where another target knows the client as token service user.',
      default: '',
      maxLength: 4096,
    }),
    tokenServicePassword: secretText({
      label: 'Token Service Password',
      help: 'Of SAP BTP.',
      default: '',
      maxLength: 4096,
    }),
  },
  rules({ targetSystemType, companyId, userId, userIdSource, keyPairAlias, ...given }) {
    const { assertionAttributes = '', clientKey, tokenServiceUser, tokenServicePassword } = given
    const problems = [...attributeProblems(assertionAttributes)]
    const need = (value: string | undefined, name: string, why: string) => {
      if (!notBlank(value)) problems.push(`${name} is required for ${why}`)
    }
    if (targetSystemType !== 'generic' || !notBlank(tokenServiceUser))
      need(clientKey, 'clientKey', targetSystemType === 'generic' ? 'a client without tokenServiceUser' : 'this target')
    if (targetSystemType === 'successfactors') {
      need(companyId, 'companyId', 'SuccessFactors')
      if (userId === 'commonName') need(keyPairAlias, 'keyPairAlias', 'Key Pair Common Name (CN)')
      if (userId === 'commonName' && notBlank(userIdSource))
        problems.push('userIdSource is for Principal Propagation only')
      return problems
    }
    if (targetSystemType !== 'generic') {
      need(tokenServiceUser, 'tokenServiceUser', 'SAP BTP')
      need(tokenServicePassword, 'tokenServicePassword', 'SAP BTP')
    }
    if (userId === 'commonName' && targetSystemType !== 'generic')
      problems.push('userId Key Pair Common Name (CN) is not for SAP BTP')
    if (notBlank(companyId)) problems.push('companyId is for SuccessFactors only')
    return problems
  },
}

const mostAttributes = 50

function attributeProblems(raw: string): readonly string[] {
  const rows = JSON.parse(raw || '[]') as readonly { readonly name: string }[]
  return [
    ...(rows.length > mostAttributes ? [`assertionAttributes has more than ${mostAttributes} rows`] : []),
    // The target takes the API key from there: it is the client key, which is sealed.
    ...rows.flatMap(({ name }, index) =>
      name.trim().toLowerCase() === 'api_key'
        ? [`assertionAttributes row ${index + 1}: api_key is set by Sluice itself, from clientKey`]
        : [],
    ),
  ]
}
