import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

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
