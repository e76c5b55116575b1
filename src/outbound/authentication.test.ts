import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { channel, flowFacts, services } from '../../test/kit/step.ts'
import { silentLog } from '../base/index.ts'
import { authenticationMethods } from './authentication-fields.ts'
import { openAuthentication, profiles } from './authentication.ts'
import { compileSubject } from './subject-pattern.ts'

describe('opening the authentication of a channel', () => {
  const settings = {
    credentialName: '',
    keyAlias: '',
    user: '',
    subjectPattern: 'CN=${name}',
    certificateCarrier: 'tls' as const,
  }
  const deployed: Readonly<Record<string, string>> = {
    Client: 'OAuth2ClientCredential',
    Box: 'UserCredential',
    pair: 'keypair',
    root: 'certificate',
  }
  async function warnings(method: string, given: Partial<typeof settings>): Promise<readonly string[]> {
    const found: string[] = []
    const warn = (_: string, fields?: object): void => void found.push(String((fields as { why?: string }).why))
    await openAuthentication(
      { ...settings, method, ...given },
      {
        flow: flowFacts(),
        channel: channel(),
        services: services({ outbound: { typeOf: async (_, alias) => deployed[alias] } }),
        log: { ...silentLog, warn },
      },
    )
    return found
  }

  it('there is a profile for every method that a channel can choose', () => {
    assert.deepEqual(
      ['None', ...profiles.map(({ method }) => method)].sort(),
      Object.keys(authenticationMethods).sort(),
    )
  })

  it('warns of what is missing or of the wrong type, and of nothing else', async () => {
    const cases: readonly [method: string, given: Partial<typeof settings>, words: RegExp | undefined][] = [
      ['None', {}, undefined],
      ['Basic', { credentialName: 'Box' }, undefined],
      ['Basic', {}, /the name of a user credential is empty/],
      ['Basic', { credentialName: 'Client' }, /'Client' is of the type OAuth2ClientCredential/],
      ['OAuth2 Client Credentials', { credentialName: 'Client' }, undefined],
      ['OAuth2 Client Credentials', { credentialName: 'Gone' }, /there is no 'Gone': deploy OAuth2 Client Credentials/],
      ['OAuth2 Client Credentials', { credentialName: 'Box' }, /'Box' is of the type UserCredential/],
      ['OAuth2 Client Credentials', { credentialName: '${header.c}' }, undefined],
      ['OAuth2 SAML Bearer Assertion', { credentialName: 'Client' }, /name an OAuth2 SAML Bearer Assertion/],
      ['Client Certificate', {}, undefined],
      ['Client Certificate', { keyAlias: 'pair' }, undefined],
      ['Client Certificate', { keyAlias: 'root' }, /no key pair 'root'/],
      ['Principal Propagation', {}, /alias of the key pair is empty/],
      ['Principal Propagation', { keyAlias: 'gone' }, /no key pair 'gone'/],
    ]
    for (const [method, given, words] of cases) {
      const found = await warnings(method, given)
      if (words === undefined) assert.deepEqual(found, [], method)
      else assert.match(found.join(), words)
    }
  })

  it('a subject that stands for nobody, or is none, is refused when the flow is deployed', async () => {
    for (const subjectPattern of [
      '',
      'CN=fixed',
      'XX=${name}',
      '${name}',
      'CN=${name},',
      'CN=$name',
      'CN="${name}"',
      'CN=a+O=${name}',
    ])
      await assert.rejects(warnings('Principal Propagation', { keyAlias: 'pair', subjectPattern }), {
        code: 'outbound.subjectInvalid',
      })
  })
})

describe('a subject', () => {
  it('is put together from what stands for the user, outermost part first', () => {
    const subject = compileSubject('PP', 'cn=${name}, OU=c-${client_id},E=${attributes.mail},C=DE')
    const principal = { clientId: 'id', attributes: { mail: 'a@b.c' } }
    assert.deepEqual(subject({ name: 'anna,O=x', principal: principal as never }), [
      { C: [{ printableString: 'DE' }] },
      { E: [{ ia5String: 'a@b.c' }] },
      { OU: [{ utf8String: 'c-id' }] },
      { CN: [{ utf8String: 'anna,O=x' }] },
    ])
  })

  it('takes attributes of the user only, and only where there are any', () => {
    const subject = compileSubject('PP', 'CN=${constructor}')
    for (const principal of [undefined, { clientId: undefined, attributes: {} }])
      assert.throws(() => subject({ name: 'a', principal: principal as never }), { code: 'outbound.userMissing' })
  })
})
