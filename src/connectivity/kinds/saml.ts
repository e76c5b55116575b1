import { wordsOf } from '../../base/index.ts'
import { parseXml } from '../../formats/index.ts'
import { factsOf, readCertificates } from '../../keystore/index.ts'
import { timeout, url, validate } from '../common-fields.ts'
import { declareTest } from '../declare-test.ts'
import { faults } from '../faults.ts'
import { httpExchange, targetOf } from '../http-exchange.ts'
import type { Run } from '../run.ts'

const fields = {
  url: { ...url, words: { label: 'Metadata Address', help: 'Address at which the metadata are published.' } },
  validateServerCertificate: validate,
  timeout,
}

const metadata = 'urn:oasis:names:tc:SAML:2.0:metadata'
const signature = 'http://www.w3.org/2000/09/xmldsig#'
const roles = ['IDPSSODescriptor', 'SPSSODescriptor', 'AttributeAuthorityDescriptor', 'PDPDescriptor']
const mostEntities = 100

type Element = NonNullable<ReturnType<typeof parseXml>['documentElement']>

export const saml = declareTest({
  kind: 'saml',
  label: 'SAML Metadata',
  help: 'Reads SAML 2.0 metadata: entities, endpoints, signing certificates and validity. Signatures are not verified.',
  fields,
  target: ({ url }) => targetOf(url),
  timeout: ({ timeout }) => timeout,
  async test(run, { url: address, validateServerCertificate: validate }) {
    const { status, body } = await httpExchange(run, { url: address, validate })
    if (status !== 200) throw faults.httpStatus({ url: address, status })
    await run.step('read', async (note) => {
      note(await Promise.resolve(readMetadata(run, address, body)))
    })
  },
})

function readMetadata(run: Run, address: string, body: Buffer): string {
  const invalid = (why: string): Error => faults.documentInvalid({ url: address, what: 'SAML metadata', why })
  let root: Element | null
  try {
    root = parseXml(body).documentElement
  } catch (error) {
    throw invalid(run.quote(wordsOf(error)))
  }
  if (root === null || root.namespaceURI !== metadata || !/^Entit(?:y|ies)Descriptor$/.test(root.localName))
    throw invalid(`its root is '${run.quote(root?.nodeName ?? 'nothing')}'`)
  const entities = root.localName === 'EntityDescriptor' ? [root] : within(root, metadata, 'EntityDescriptor')
  if (entities.length === 0) throw invalid('it describes no entity')
  run.facts['entities'] = entities
    .slice(0, mostEntities)
    .map((entity) => run.quote(entity.getAttribute('entityID') ?? ''))
  run.facts['roles'] = roles.filter((role) => within(root, metadata, role).length > 0)
  run.facts['endpoints'] = ['SingleSignOnService', 'SingleLogoutService', 'AssertionConsumerService']
    .flatMap((name) =>
      within(root, metadata, name).map((one) => `${name} ${bindingOf(one)} ${one.getAttribute('Location') ?? ''}`),
    )
    .slice(0, mostEntities)
    .map(run.quote)
  run.facts['signed'] = [...root.children].some((one) => one.namespaceURI === signature) ? 'yes, not verified' : 'no'
  run.facts['signingCertificates'] = signingCertificates(run, root, invalid)
  const until = root.getAttribute('validUntil')
  if (until !== null) {
    run.facts['validUntil'] = run.quote(until)
    const moment = Date.parse(until)
    if (Number.isNaN(moment)) throw invalid('its validUntil is not a date')
    if (moment < run.context.clock.now()) throw faults.metadataExpired({ at: run.quote(until) })
  }
  return `${entities.length} ${entities.length === 1 ? 'entity' : 'entities'}`
}

const within = (element: Element, namespace: string, name: string): readonly Element[] => [
  ...element.getElementsByTagNameNS(namespace, name),
]

const bindingOf = (element: Element): string => (element.getAttribute('Binding') ?? '').replace(/^.*:/, '')

function signingCertificates(run: Run, root: Element, invalid: (why: string) => Error): readonly string[] {
  const keys = within(root, metadata, 'KeyDescriptor').filter((key) => key.getAttribute('use') !== 'encryption')
  return keys
    .flatMap((key) => within(key, signature, 'X509Certificate'))
    .slice(0, mostEntities)
    .map((element) => {
      try {
        const [certificate] = readCertificates(element.textContent ?? '')
        if (certificate === undefined) throw new Error('there is none')
        const { subject, validTo, fingerprint } = factsOf(certificate)
        return run.quote(`${subject}, until ${new Date(validTo).toISOString()}, SHA-256 ${fingerprint}`)
      } catch (error) {
        throw invalid(`a signing certificate cannot be read (${run.quote(wordsOf(error))})`)
      }
    })
}
