import { choice, secretText, text } from '../../fields/index.ts'
import { type MaterialType, notBlank } from './declare-material.ts'

/** User Credentials. */
export const userCredential: MaterialType = {
  type: 'UserCredential',
  label: 'User Credentials',
  most: 10_000,
  firstStatus: 'DEPLOYED',
  sentTo: [],
  shown: {
    kind: choice({
      label: 'Type',
      help: 'What the credential is for.',
      options: { default: 'User Credentials', successfactors: 'SuccessFactors', openconnectors: 'OpenConnectors' },
      default: 'default',
    }),
    user: text({ label: 'User', help: 'User name.', default: '', maxLength: 200 }),
    companyId: text({ label: 'Company ID', help: 'Of SuccessFactors.', default: '', maxLength: 200 }),
  },
  secret: {
    password: secretText({ label: 'Password', help: 'Never shown again.', maxLength: 4096 }),
    organization: secretText({
      label: 'Organization',
      help: 'Organization secret of Open Connectors.',
      default: '',
      maxLength: 4096,
    }),
    element: secretText({ label: 'Element', help: 'Element token of Open Connectors.', default: '', maxLength: 4096 }),
  },
  rules({ kind, user, companyId, organization, element }) {
    const needs = (value: string | undefined, name: string, when: boolean) =>
      when && !notBlank(value) ? [`${name} is required for ${kind}`] : []
    const only = (value: string | undefined, name: string, of: string) =>
      kind !== of && notBlank(value) ? [`${name} is for ${of} only`] : []
    return [
      ...needs(user, 'user', kind !== 'openconnectors'),
      ...needs(companyId, 'companyId', kind === 'successfactors'),
      ...needs(organization, 'organization', kind === 'openconnectors'),
      ...needs(element, 'element', kind === 'openconnectors'),
      ...only(companyId, 'companyId', 'successfactors'),
      ...only(organization, 'organization', 'openconnectors'),
      ...only(element, 'element', 'openconnectors'),
    ]
  },
}
