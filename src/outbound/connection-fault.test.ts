import assert from 'node:assert/strict'
import { test } from 'node:test'

import { connectionFault } from './connection-fault.ts'

const failing = (code: string, cause?: unknown) => Object.assign(new Error(`raw words of ${code}`, { cause }), { code })

test('each way to fail has its code, and the raw words stay out of sight', () => {
  const cases: readonly [error: unknown, code: string][] = [
    [failing('ECONNREFUSED'), 'http.unreachable'],
    [new AggregateError([failing('ECONNREFUSED'), failing('ENETUNREACH')]), 'http.unreachable'],
    [failing('ENOTFOUND'), 'http.unreachable'],
    [failing('UND_ERR_SOCKET', failing('ECONNRESET')), 'http.unreachable'],
    [failing('UND_ERR_SOCKET'), 'http.unreachable'],
    [failing('UND_ERR_CONNECT_TIMEOUT'), 'http.timeout'],
    [failing('UND_ERR_HEADERS_TIMEOUT'), 'http.timeout'],
    [failing('UND_ERR_BODY_TIMEOUT'), 'http.timeout'],
    [failing('CERT_HAS_EXPIRED'), 'http.tls'],
    [failing('DEPTH_ZERO_SELF_SIGNED_CERT'), 'http.tls'],
    [failing('SELF_SIGNED_CERT_IN_CHAIN'), 'http.tls'],
    [failing('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'http.tls'],
    [failing('ERR_TLS_CERT_ALTNAME_INVALID'), 'http.tls'],
    [failing('HPE_INVALID_CONSTANT'), 'http.answerInvalid'],
    [new Error('raw words of nobody'), 'http.unreachable'],
  ]
  for (const [error, code] of cases) {
    const fault = connectionFault(error, 'http://host/', 100)
    assert.equal(fault.code, code, String(error))
    assert.doesNotMatch(fault.message, /raw words/)
  }
})
