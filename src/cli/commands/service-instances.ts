import { choice, text } from '../../fields/index.ts'
import { type Entity, textOf } from '../api/entity.ts'
import { entity } from '../api/odata-address.ts'
import { declareCommand } from '../command.ts'
import { type Column, factsOfEntity, recordOf, showEntities } from '../registry.ts'
import { findInstance } from '../service-key-lookup.ts'
import { list } from '../several.ts'

const instance = text({ label: 'instance', help: 'Name or id of the service instance.' })

const parameterFlags = {
  role: list({
    label: 'role',
    help: 'Role of its clients; for plan integration-flow ESBMessaging.send when none is given.',
  }),
  'grant-type': list({ label: 'grant type', help: 'OAuth grant type that its clients may use.' }),
  'redirect-uri': list({ label: 'address', help: 'Address to which a login may lead back.' }),
  'token-validity': text({
    label: 'seconds',
    help: 'How long a token counts: 3600 to 86400.',
    default: '',
    pattern: /^\d{1,6}$/,
    form: 'a whole number',
  }),
}

interface Given {
  readonly role: readonly string[]
  readonly 'grant-type': readonly string[]
  readonly 'redirect-uri': readonly string[]
  readonly 'token-validity': string
}

/** The parameters in the JSON of the original; what is not given is left out. */
const parametersOf = (given: Given): string =>
  JSON.stringify({
    ...(given.role.length > 0 && { roles: given.role }),
    ...(given['grant-type'].length > 0 && { 'grant-types': given['grant-type'] }),
    ...(given['redirect-uri'].length > 0 && { 'redirect-uris': given['redirect-uri'] }),
    ...(given['token-validity'] !== '' && { 'token-validity': Number(given['token-validity']) }),
  })

/** An instance with its parameters as properties of their own. */
function opened(found: Entity): Entity {
  const parameters = JSON.parse(textOf(found, 'Parameters') || '{}') as Readonly<Record<string, unknown>>
  return {
    ...found,
    Roles: JSON.stringify(parameters.roles ?? []),
    GrantTypes: JSON.stringify(parameters['grant-types'] ?? []),
    RedirectUris: JSON.stringify(parameters['redirect-uris'] ?? []),
    TokenValidity: parameters['token-validity'],
  }
}

const short: readonly Column[] = [
  { property: 'Name', title: 'Name' },
  { property: 'Plan', title: 'Plan' },
  { property: 'Roles', title: 'Roles', as: 'list' },
  { property: 'Id', title: 'Id' },
]

const full: readonly Column[] = [
  ...short,
  { property: 'GrantTypes', title: 'Grant types', as: 'list' },
  { property: 'RedirectUris', title: 'Redirect URIs', as: 'list' },
  { property: 'TokenValidity', title: 'Token validity (s)' },
  { property: 'CreatedBy', title: 'Created by' },
  { property: 'CreatedAt', title: 'Created at', as: 'time' },
  { property: 'ModifiedBy', title: 'Changed by' },
  { property: 'ModifiedAt', title: 'Changed at', as: 'time' },
]

export const serviceInstanceList = declareCommand({
  name: 'service-instance list',
  summary: 'Lists the service instances: clients with their roles.',
  examples: [{ line: 'service-instance list', words: 'Lists them.' }],
  positionals: {},
  flags: {},
  async run(_, session) {
    const found = await session.api().list('ServiceInstances')
    showEntities(session, found.map(opened), short, 'There are no service instances.')
  },
})

export const serviceInstanceCreate = declareCommand({
  name: 'service-instance create',
  summary: 'Creates a service instance. Its keys, made afterwards, are what a client calls with.',
  examples: [
    { line: 'service-instance create sales --role Orders.send', words: 'Creates a client that may call flows.' },
    {
      line: 'service-instance create ci --plan api --role WorkspacePackagesEdit',
      words: 'Creates a client of the API.',
    },
  ],
  positionals: { name: text({ label: 'name', help: 'Name of the new instance.' }) },
  flags: {
    plan: choice({
      label: 'plan',
      help: 'What its clients call: flows, or this API.',
      options: { 'integration-flow': 'Flows', api: 'Management API' },
      default: 'integration-flow',
    }),
    ...parameterFlags,
  },
  async run({ name, plan, ...given }, { api, output }) {
    const answer = await api().write('POST', 'ServiceInstances', {
      Name: name,
      Plan: plan,
      Parameters: parametersOf(given),
    })
    const { d } = JSON.parse(answer) as { readonly d: Entity }
    output.result({ ...recordOf(opened(d), short), done: 'created' }, `created  ${name}  ${textOf(d, 'Id')}`)
  },
})

export const serviceInstanceUpdate = declareCommand({
  name: 'service-instance update',
  summary: 'Changes a service instance. What is not given stays; a list that is given takes the place of the old one.',
  examples: [
    {
      line: 'service-instance update sales --role Orders.send --role Stock.read',
      words: 'Gives it exactly two roles.',
    },
  ],
  positionals: { instance },
  flags: { name: text({ label: 'name', help: 'New name.', default: '' }), ...parameterFlags },
  async run({ instance, name, ...given }, session) {
    const { api, output } = session
    const id = textOf(await findInstance(session, instance), 'Id')
    const body = { ...(name !== '' && { Name: name }), Parameters: parametersOf(given) }
    await api().write('PUT', entity`ServiceInstances(${id})`, body)
    output.result({ id, done: 'changed' }, `changed  ${instance}`)
  },
})

export const serviceInstanceShow = declareCommand({
  name: 'service-instance show',
  summary: 'Shows a service instance with all its parameters.',
  examples: [{ line: 'service-instance show sales', words: 'Shows it.' }],
  positionals: { instance },
  flags: {},
  async run({ instance }, session) {
    const found = opened(await findInstance(session, instance))
    session.output.result(recordOf(found, full), factsOfEntity(found, full))
  },
})

export const serviceInstanceDelete = declareCommand({
  name: 'service-instance delete',
  summary: 'Deletes a service instance with all its keys: its clients are refused from the next request on.',
  examples: [{ line: 'service-instance delete sales', words: 'Deletes it.' }],
  positionals: { instance },
  flags: {},
  async run({ instance }, session) {
    const { api, output } = session
    const id = textOf(await findInstance(session, instance), 'Id')
    await api().write('DELETE', entity`ServiceInstances(${id})`)
    output.result({ id, done: 'deleted' }, `deleted  ${instance}`)
  },
})
