import { uuid } from '../../src/base/index.ts'
import type { HttpRequest, Principal } from '../../src/flow/index.ts'
import { Body } from '../../src/message/index.ts'

/** A caller of whom nothing is known but his name. */
export const principalOf = (name: string, more: Partial<Principal> = {}): Principal => ({
  method: 'basic',
  name,
  subject: name,
  clientId: name,
  issuer: undefined,
  certificate: undefined,
  attributes: {},
  groups: [],
  actors: [],
  ...more,
})

/** A request as the front door hands it to the route of a flow: a POST without a body, unless said otherwise. */
export const httpRequest = (more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'POST',
  rest: '',
  query: '',
  url: 'https://h/http/x',
  headers: [],
  body: Body.empty,
  principal: principalOf('me'),
  messageId: uuid(),
  signal: undefined,
  ...more,
})
