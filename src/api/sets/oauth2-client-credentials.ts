import { type EntitySet, type Row, text } from '../../odata/index.ts'
import { hiddenText, materialSet, shownText } from '../material-set.ts'
import { roles } from '../roles.ts'
import { textOf } from '../row-values.ts'
import type { Call, Services } from '../services.ts'

const parameterProperties = { Key: text(1024), Value: text(1024), SendAsPartOf: text() }

/** Further parameters of token requests: read along with their credential, written in a deep insert. */
export const customParameters: EntitySet<Call> = {
  name: 'CustomParameters',
  type: { name: 'CustomParameter', key: ['Key', 'Value', 'SendAsPartOf'], properties: parameterProperties },
}

interface Stored {
  readonly key: string
  readonly value: string
  readonly sendAsPartOf: string
}

/** Clients of token services, for the receivers of flows. */
export function oauth2ClientCredentials(services: Services): EntitySet<Call> {
  const parametersOf = (parent: Row): readonly Row[] => {
    const found = services.secrets.materials.find('OAuth2ClientCredential', textOf(parent, 'Name'))
    const stored = JSON.parse(found?.fields['customParameters'] ?? '[]') as readonly Stored[]
    return stored.map(({ key, value, sendAsPartOf }) => ({ Key: key, Value: value, SendAsPartOf: sendAsPartOf }))
  }
  return materialSet(services, {
    set: 'OAuth2ClientCredentials',
    entity: 'OAuth2ClientCredential',
    type: 'OAuth2ClientCredential',
    descriptor: 'OAUTH2_CLIENT_CREDENTIALS',
    // The original has no client without a secret; ours may prove itself by a key.
    required: (body) => [
      'TokenServiceUrl',
      'ClientId',
      ...(body['ClientAuthentication'] === undefined ||
      ['body', 'header'].includes(textOf(body, 'ClientAuthentication'))
        ? ['ClientSecret']
        : []),
    ],
    properties: {
      TokenServiceUrl: shownText('tokenServiceUrl', 2000),
      GrantType: shownText('grantType'),
      ClientId: shownText('clientId', 1024),
      ClientSecret: hiddenText('clientSecret'),
      ClientAuthentication: shownText('clientAuthentication'),
      KeyPairAlias: shownText('keyPairAlias', 250),
      Scope: shownText('scope', 4096),
      ScopeContentType: shownText('contentType'),
      Resource: shownText('resource', 1024),
      Audience: shownText('audience', 1024),
    },
    nested: (body) =>
      typeof body['CustomParameters'] === 'string' ? { customParameters: rowsOf(body['CustomParameters']) } : {},
    more: {
      navigations: {
        CustomParameters: {
          to: 'CustomParameters',
          many: true,
          of: (parent) => ({ list: { requires: roles.readCredentials, run: async () => parametersOf(parent) } }),
        },
      },
      deepInsert: { CustomParameters: { name: 'CustomParameter', properties: parameterProperties } },
    },
  })
}

const rowsOf = (json: string): string =>
  JSON.stringify(
    (JSON.parse(json) as readonly Row[]).map((each) => ({
      key: textOf(each, 'Key'),
      value: textOf(each, 'Value'),
      sendAsPartOf: textOf(each, 'SendAsPartOf').toLowerCase(),
    })),
  )
