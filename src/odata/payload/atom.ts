import type { Primitive, Property, Row } from '../edm.ts'
import type { EntitySet } from '../entity-set.ts'
import type { Shown, ShownList } from './shown.ts'
import { xmlDeclaration, xmlText } from './xml-text.ts'

const dataServices = 'http://schemas.microsoft.com/ado/2007/08/dataservices'
const namespaces = `xmlns="http://www.w3.org/2005/Atom" xmlns:m="${dataServices}/metadata" xmlns:d="${dataServices}"`

/** What the writer needs besides the entities. */
export interface AtomFrame {
  readonly namespace: string
  /** Address of the service, ending in `/`. */
  readonly root: string
  /** Milliseconds since 1970, for `updated`. */
  readonly now: number
}

/** A list as an Atom feed. */
export const atomFeed = <Context>(list: ShownList<Context>, frame: AtomFrame): string =>
  `${xmlDeclaration}<feed ${namespaces} xml:base="${xmlText(frame.root)}">${feedContent(list, frame)}</feed>`

/** One entity as an Atom entry. */
export const atomEntry = <Context>(shown: Shown<Context>, frame: AtomFrame): string =>
  `${xmlDeclaration}<entry ${namespaces} xml:base="${xmlText(frame.root)}">${entryContent(shown, frame)}</entry>`

/** One property as an XML document. */
export const xmlProperty = (name: string, property: Property, value: Row[string], namespace: string): string =>
  `${xmlDeclaration}${element(name, property, value, namespace, ` xmlns:m="${dataServices}/metadata" xmlns:d="${dataServices}"`)}`

function feedContent<Context>({ set, uri, entries, count, next }: ShownList<Context>, frame: AtomFrame): string {
  return [
    `<id>${xmlText(uri)}</id><title type="text">${set.name}</title><updated>${new Date(frame.now).toISOString()}</updated>`,
    '<author><name/></author>',
    `<link href="${xmlText(relative(uri, frame))}" rel="self" title="${set.name}"/>`,
    count === undefined ? '' : `<m:count>${count}</m:count>`,
    ...entries.map((entry) => `<entry>${entryContent(entry, frame)}</entry>`),
    next === undefined ? '' : `<link href="${xmlText(next)}" rel="next"/>`,
  ].join('')
}

function entryContent<Context>(shown: Shown<Context>, frame: AtomFrame): string {
  const { set, uri, navigations } = shown
  const { name, media } = set.type
  const edit = relative(uri, frame)
  const properties = `<m:properties>${propertyElements(shown, frame)}</m:properties>`
  return [
    `<id>${xmlText(uri)}</id><title type="text">${set.name}</title><updated>${new Date(frame.now).toISOString()}</updated>`,
    `<category term="${frame.namespace}.${name}" scheme="${dataServices}/scheme"/>`,
    `<link href="${xmlText(edit)}" rel="edit" title="${name}"/>`,
    media === undefined ? '' : `<link href="${xmlText(edit)}/$value" rel="edit-media" type="${media}"/>`,
    ...[...navigations].map(([navigation, inline]) => link(set, navigation, edit, inline, frame)),
    media === undefined
      ? `<content type="application/xml">${properties}</content>`
      : `<content type="${media}" src="${xmlText(edit)}/$value"/>${properties}`,
  ].join('')
}

function link<Context>(
  set: EntitySet<Context>,
  navigation: string,
  edit: string,
  inline: readonly Shown<Context>[] | Shown<Context> | null | undefined,
  frame: AtomFrame,
): string {
  const form = set.type.navigations?.[navigation]?.many === true ? 'feed' : 'entry'
  const start = `<link href="${xmlText(edit)}/${navigation}" rel="${dataServices}/related/${navigation}" type="application/atom+xml;type=${form}" title="${navigation}"`
  if (inline === undefined) return `${start}/>`
  return `${start}><m:inline>${inlineContent(inline, `${frame.root}${edit}/${navigation}`, navigation, frame)}</m:inline></link>`
}

function inlineContent<Context>(
  inline: readonly Shown<Context>[] | Shown<Context> | null,
  uri: string,
  title: string,
  frame: AtomFrame,
): string {
  if (inline === null) return ''
  if ('set' in inline) return `<entry>${entryContent(inline, frame)}</entry>`
  const head = `<id>${xmlText(uri)}</id><title type="text">${title}</title><updated>${new Date(frame.now).toISOString()}</updated><author><name/></author>`
  return `<feed>${head}${inline.map((one) => `<entry>${entryContent(one, frame)}</entry>`).join('')}</feed>`
}

const relative = (uri: string, { root }: AtomFrame): string => (uri.startsWith(root) ? uri.slice(root.length) : uri)

const propertyElements = <Context>({ set, row, properties }: Shown<Context>, { namespace }: AtomFrame): string =>
  properties.map((name) => element(name, set.type.properties[name] as Property, row[name], namespace)).join('')

function element(name: string, property: Property, value: Row[string], namespace: string, attributes = ''): string {
  const type = 'complex' in property ? `${namespace}.${property.complex.name}` : property.type
  const typed = type === 'Edm.String' ? attributes : `${attributes} m:type="${type}"`
  if (value === null || value === undefined) return `<d:${name}${typed} m:null="true"/>`
  if ('complex' in property) {
    const inner = Object.entries(property.complex.properties).map(([part, declared]) =>
      element(part, declared, (value as Row)[part], namespace),
    )
    return `<d:${name}${typed}>${inner.join('')}</d:${name}>`
  }
  return `<d:${name}${typed}>${xmlText(primitiveText(property.type, value as Primitive))}</d:${name}>`
}

/** A value as XML and `$value` write it. DateTime has no zone: it is UTC. */
export const primitiveText = (type: string, value: Primitive): string =>
  type === 'Edm.DateTime' ? new Date(Number(value)).toISOString().slice(0, -1) : String(value ?? '')
