import type { GenerationRequest, SubjectRequest } from '../../keystore/index.ts'
import { binary, dateTime, type EntitySet, int32, type Row, text } from '../../odata/index.ts'
import { faults } from '../faults.ts'
import { aliasOfBody, changeOf, changeOne } from '../keystore-row.ts'
import { roles } from '../roles.ts'
import { bytesOf, optionalNumber, optionalText, present, requireTexts, textOf } from '../row-values.ts'
import type { Call, Services } from '../services.ts'

const names = { Hexalias: text(2000), Alias: text(250) }

const subjectProperties = {
  SignatureAlgorithm: text(60),
  CommonName: text(500),
  OrganizationUnit: text(500),
  Organization: text(500),
  Locality: text(500),
  State: text(500),
  Country: text(2),
  Email: text(500),
  ValidNotBefore: dateTime,
  ValidNotAfter: dateTime,
}

const keyProperties = { KeyType: text(30), KeySize: int32, KeyAlgorithmParameter: text(60) }

/** The certificate that a body asks for. */
const subjectOf = (body: Row): SubjectRequest & GenerationRequest => ({
  commonName: textOf(body, 'CommonName'),
  country: textOf(body, 'Country'),
  ...present({
    organizationUnit: optionalText(body, 'OrganizationUnit'),
    organization: optionalText(body, 'Organization'),
    locality: optionalText(body, 'Locality'),
    state: optionalText(body, 'State'),
    email: optionalText(body, 'Email'),
    signatureAlgorithm: optionalText(body, 'SignatureAlgorithm'),
    validFrom: optionalNumber(body, 'ValidNotBefore'),
    validTo: optionalNumber(body, 'ValidNotAfter'),
    keyType: optionalText(body, 'KeyType'),
    keySize: optionalNumber(body, 'KeySize'),
    curve: optionalText(body, 'KeyAlgorithmParameter'),
  }),
})

type Work = (alias: string, body: Row, call: Call) => ReturnType<Services['keystore']['importKey']>

/** A set to which something is sent that becomes one entry; nothing is ever read from it. */
function oneEntry(
  { keystore, clock }: Services,
  given: {
    readonly name: string
    readonly type: string
    readonly properties: EntitySet<Call>['type']['properties']
    readonly always?: boolean
    readonly work: Work
  },
): EntitySet<Call> {
  const { name, type, properties, always = false, work } = given
  return {
    name,
    acts: {
      create: {
        requires: roles.editKeystore,
        run: async (body, call) => {
          const alias = aliasOfBody(body)
          const known = (await keystore.find(alias)) !== undefined
          return changeOne(call, { alias, known, now: clock.now(), always }, () => work(alias, body, call))
        },
      },
    },
    type: { name: type, key: ['Hexalias'], properties: { ...names, ...properties } },
  }
}

/** A key pair with its chain, in PKCS#12 or another format. */
export const keyPairResources = (services: Services): EntitySet<Call> =>
  oneEntry(services, {
    name: 'KeyPairResources',
    type: 'KeyPairResource',
    properties: { Password: text(500), Resource: { ...binary, maxLength: 43_008 } },
    work: (alias, body, call) => importKey(services, 'keypair', alias, body, call),
  })

const keyFile = { ...subjectProperties, Password: text(500), Resource: { ...binary, maxLength: 43_008 } }

/** Key files for SSH in OpenSSH, PuTTY or PEM; the type of public keys in OpenSSH form as well. */
export const sshKeyResources = (services: Services): EntitySet<Call> => {
  const set = oneEntry(services, {
    name: 'SSHKeyResources',
    type: 'SSHKeyResource',
    properties: keyFile,
    work: (alias, body, call) => importKey(services, 'ssh', alias, body, call),
  })
  return { ...set, type: { ...set.type, media: 'text/plain' } }
}

/** Private RSA keys in PKCS#1 or PKCS#8. */
export const rsaKeyResources = (services: Services): EntitySet<Call> =>
  oneEntry(services, {
    name: 'RSAKeyResources',
    type: 'RSAKeyResource',
    properties: keyFile,
    work: (alias, body, call) => importKey(services, 'rsa', alias, body, call),
  })

export const keyPairGenerationRequests = (services: Services): EntitySet<Call> =>
  oneEntry(services, {
    name: 'KeyPairGenerationRequests',
    type: 'KeyPairGenerationRequest',
    properties: { ...keyProperties, ...subjectProperties },
    work: (alias, body, call) => services.keystore.generate(alias, 'keypair', subjectOf(body), changeOf(call)),
  })

/** With `SSHFile` the key of that file, without it a new one. */
export const sshKeyGenerationRequests = (services: Services): EntitySet<Call> =>
  oneEntry(services, {
    name: 'SSHKeyGenerationRequests',
    type: 'SSHKeyGenerationRequest',
    properties: { ...keyProperties, ...subjectProperties, SSHFile: text(10_000), Password: text(500) },
    always: true,
    work: (alias, body, call) =>
      textOf(body, 'SSHFile') === ''
        ? services.keystore.generate(alias, 'ssh', subjectOf(body), changeOf(call))
        : importKey(services, 'ssh', alias, { ...body, Resource: asBase64(textOf(body, 'SSHFile')) }, call),
  })

/** The key of `RSAFile` with a certificate of its own. */
export const rsaKeyGenerationRequests = (services: Services): EntitySet<Call> =>
  oneEntry(services, {
    name: 'RSAKeyGenerationRequests',
    type: 'RSAKeyGenerationRequest',
    properties: { ...subjectProperties, RSAFile: text(10_000), Password: text(500) },
    work: (alias, body, call) => {
      requireTexts(body, ['RSAFile'])
      return importKey(services, 'rsa', alias, { ...body, Resource: asBase64(textOf(body, 'RSAFile')) }, call)
    },
  })

/** Clients send the file as it is, or as base64 of it. */
const asBase64 = (file: string): string =>
  /^(?:-----BEGIN |PuTTY-)/.test(file.trimStart()) ? Buffer.from(file).toString('base64') : file

async function importKey(
  { keystore }: Services,
  type: 'keypair' | 'ssh' | 'rsa',
  alias: string,
  body: Row,
  call: Call,
): ReturnType<Services['keystore']['importKey']> {
  requireTexts(body, ['Resource'])
  const content = bytesOf(body, 'Resource') ?? Buffer.alloc(0)
  const subject = type === 'keypair' ? {} : { subject: subjectOf(body) }
  const given = { content, password: textOf(body, 'Password'), type, ...subject }
  if (type === 'rsa' && /^PuTTY-|OPENSSH PRIVATE/.test(content.toString('latin1'))) throw faults.keyFileForSsh()
  return keystore.importKey(alias, given, changeOf(call))
}
