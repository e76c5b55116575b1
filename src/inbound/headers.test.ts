import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import * as fc from 'fast-check'

import { compileHeaderFilter } from '../languages/index.ts'
import { mayReachFlow, readHead } from './headers.ts'

const stopped = [
  'Authorization',
  'AUTHORIZATION',
  'Proxy-Authorization',
  'proxy_authorization',
  'Cookie',
  'SSL_CLIENT_CERT',
  'ssl-client-cert',
  'Ssl_Client-User',
  'SSL_CLIENT_S_DN',
  'X-SSL-Client-Verify',
  'Client-Cert',
  'client_cert_chain',
  'X-Forwarded-Client-Cert',
  'SAP-Connectivity-Authentication',
  'SAP_Connectivity_Authentication',
  'X-CSRF-Token',
  'X-Forwarded-For',
  'X_Forwarded_For',
  'Forwarded',
  'CamelHttpUri',
  'camelhttpuri',
  'Camel-Http-Uri',
  'org.apache.camel.Something',
  'SAP_MessageProcessingLogID',
  'sap_datastoreentryfound',
  'SapAuthenticatedUserName',
  'SAPAUTHENTICATEDUSERNAME',
  'SapDataStoreId',
  'SAPJMSRetries',
  'SAP__Receiver',
  'Transfer-Encoding',
  'Connection',
]
const passing = [
  'Content-Type',
  'Accept',
  'SOAPAction',
  'X-Request-Id',
  'SAP_MplCorrelationId',
  'SAP_ApplicationID',
  'SAP_MessageType',
  'SAP_Sender',
  'sap_receiver',
  'sap-client',
  'SAP-PASSPORT',
  'X-Camel',
  'Host',
  'Set-Cookie2',
]

describe('header names', () => {
  for (const name of stopped)
    it(`${name} never reaches a flow`, () => {
      assert.equal(mayReachFlow(name), false)
      assert.deepEqual(readHead([name, 'x', 'Accept', 'a', name, 'y']).passed, [['Accept', 'a']])
    })
  for (const name of passing)
    it(`${name} may reach a flow`, () => {
      assert.equal(mayReachFlow(name), true)
      assert.deepEqual(readHead([name, '1']).passed, [[name, '1']])
    })
})

describe('no credential reaches a flow', () => {
  const names = [
    'authorization',
    'proxy-authorization',
    'cookie',
    'cookie2',
    'sap-connectivity-authentication',
    'sap-connectivity-technical-authentication',
    'client-cert',
    'client-cert-chain',
    'x-client-cert',
    'x-forwarded-client-cert',
    'x-arr-clientcert',
    'ssl-client-cert',
    'ssl-client-user',
    'x-ssl-client-verify',
    'x-csrf-token',
  ]
  /** A spelling: any letter in either case, any hyphen as an underscore. */
  const spelled = fc.tuple(fc.constantFrom(...names), fc.infiniteStream(fc.boolean())).map(([name, flips]) =>
    Array.from(name, (letter) => {
      const flip = flips.next().value
      return letter === '-' ? (flip ? '_' : '-') : flip ? letter.toUpperCase() : letter
    }).join(''),
  )
  const secret = 's3cret-of-the-caller'
  const harmless = fc.tuple(fc.constantFrom('X-A', 'Accept', 'authorization-hint', 'x_client'), fc.constant('harmless'))
  const lines = fc.array(fc.oneof(fc.tuple(spelled, fc.constant(secret)), harmless), { minLength: 1, maxLength: 12 })

  for (const list of [
    '*',
    '.*',
    'Authorization',
    'aUTHORIZATION|cookie|.*',
    'Client.Cert|SSL_CLIENT_.*',
    names.join('|'),
  ])
    it(`with the allowed headers '${list.slice(0, 40)}', in any spelling, number and order`, () => {
      const allowed = compileHeaderFilter(list)
      fc.assert(
        fc.property(lines, (sent) => {
          const { passed } = readHead(sent.flat())
          const seen = passed.filter(([name]) => allowed(name))
          assert.ok(!seen.some(([, value]) => value.includes(secret)))
          assert.equal(passed.length, sent.filter(([, value]) => value !== secret).length)
        }),
        { numRuns: 500 },
      )
    })
})

describe('reading the head', () => {
  it('finds what the front door needs and keeps duplicates apart', () => {
    const head = readHead([
      'AUTHORIZATION',
      'Basic eA==',
      'cookie',
      'a=1',
      'Cookie',
      'b=2',
      'Content-Length',
      '12',
      'X-A',
      '1',
      'x-a',
      '2',
    ])
    assert.deepEqual(
      { ...head, passed: head.passed },
      {
        authorization: 'Basic eA==',
        severalAuthorizations: false,
        cookie: 'a=1; b=2',
        csrfToken: undefined,
        contentLength: 12,
        chunked: false,
        contentType: '',
        host: '',
        origin: undefined,
        requestedMethod: undefined,
        forwarded: undefined,
        passed: [
          ['Content-Length', '12'],
          ['X-A', '1'],
          ['x-a', '2'],
        ],
      },
    )
  })

  it('notices a second Authorization header', () => {
    assert.equal(readHead(['Authorization', 'a', 'authorization', 'a']).severalAuthorizations, true)
  })

  it('an underscore does not make a credential', () => {
    assert.equal(readHead(['Authoriza_tion', 'a']).authorization, undefined)
    assert.equal(readHead(['Content_Length', '5']).contentLength, 0)
  })

  it('a flood of names does not change how they are treated', () => {
    for (let n = 0; n < 5000; n++) readHead([`X-${n}`, ''])
    assert.deepEqual(readHead(['CaMeLhTtPuRi', 'x', 'cOOkie', 'x', 'X-ok', 'y']).passed, [['X-ok', 'y']])
  })
})
