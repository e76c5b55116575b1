import type { ComplexProperty, PrimitiveProperty, Property } from '../edm.ts'
import type { EntitySet, FunctionImport } from '../entity-set.ts'
import { xmlDeclaration } from './xml-text.ts'

const edmx = 'http://schemas.microsoft.com/ado/2007/06/edmx'
const metadata = 'http://schemas.microsoft.com/ado/2007/08/dataservices/metadata'
const edm = 'http://schemas.microsoft.com/ado/2008/09/edm'

/** The EDMX document of a service, made of its declarations. [MC-CSDL] version 2.0. */
export function metadataDocument<Context>(given: {
  readonly namespace: string
  readonly sets: readonly EntitySet<Context>[]
  readonly functions: readonly FunctionImport<Context>[]
}): string {
  const { namespace, sets, functions } = given
  const links = sets.flatMap((set) => linksOf(set, sets))
  return [
    xmlDeclaration,
    `<edmx:Edmx xmlns:edmx="${edmx}" Version="1.0"><edmx:DataServices xmlns:m="${metadata}" m:DataServiceVersion="2.0">`,
    `<Schema xmlns="${edm}" Namespace="${namespace}">`,
    ...sets.map((set) => entityType(set, linksOf(set, sets), namespace)),
    ...complexTypes(sets).map(complexType),
    ...links.map((link) => association(link, namespace)),
    `<EntityContainer Name="EntityContainer" m:IsDefaultEntityContainer="true">`,
    ...sets.map(({ name, type }) => `<EntitySet Name="${name}" EntityType="${namespace}.${type.name}"/>`),
    ...links.map((link) => associationSet(link, namespace)),
    ...functions.map(functionImport),
    '</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>',
  ].join('')
}

interface Link {
  readonly name: string
  readonly navigation: string
  readonly many: boolean
  readonly from: { readonly set: string; readonly type: string }
  readonly to: { readonly set: string; readonly type: string }
}

/** @throws Error when a navigation leads to a set that is not declared, which is a mistake of ours. */
function linksOf<Context>({ name, type }: EntitySet<Context>, sets: readonly EntitySet<Context>[]): readonly Link[] {
  return Object.entries(type.navigations ?? {}).map(([navigation, { to, many }]) => {
    const target = sets.find((set) => set.name === to)
    if (!target) throw new Error(`${type.name}/${navigation} leads to the undeclared set ${to}`)
    return {
      name: `${type.name}_${navigation}`,
      navigation,
      many,
      from: { set: name, type: type.name },
      to: { set: to, type: target.type.name },
    }
  })
}

// Both ends of an association may have the same type; roles tell them apart.
const fromRole = ({ from }: Link) => `${from.type}Source`
const toRole = ({ to }: Link) => `${to.type}Target`

function entityType<Context>(
  { name: set, type }: EntitySet<Context>,
  links: readonly Link[],
  namespace: string,
): string {
  for (const key of type.key) {
    if (!Object.hasOwn(type.properties, key)) throw new Error(`the key ${key} of ${set} is not a property`)
  }
  const stream = type.media === undefined ? '' : ' m:HasStream="true"'
  const keys = type.key.map((key) => `<PropertyRef Name="${key}"/>`).join('')
  const properties = Object.entries(type.properties).map(([name, declared]) =>
    property(name, declared, type.key.includes(name), namespace),
  )
  return [
    `<EntityType Name="${type.name}"${stream}><Key>${keys}</Key>`,
    ...properties,
    ...links.map(
      (link) =>
        `<NavigationProperty Name="${link.navigation}" Relationship="${namespace}.${link.name}" FromRole="${fromRole(link)}" ToRole="${toRole(link)}"/>`,
    ),
    '</EntityType>',
  ].join('')
}

function property(name: string, declared: Property, isKey: boolean, namespace: string): string {
  const nullable = isKey ? ' Nullable="false"' : ''
  if ('complex' in declared)
    return `<Property Name="${name}" Type="${namespace}.${declared.complex.name}" Nullable="false"/>`
  const length = declared.maxLength === undefined ? '' : ` MaxLength="${declared.maxLength}"`
  return `<Property Name="${name}" Type="${declared.type}"${nullable}${length}/>`
}

function complexTypes<Context>(sets: readonly EntitySet<Context>[]): readonly ComplexProperty['complex'][] {
  const found = new Map<string, ComplexProperty['complex']>()
  for (const { type } of sets) {
    for (const declared of Object.values(type.properties))
      if ('complex' in declared) found.set(declared.complex.name, declared.complex)
  }
  return [...found.values()]
}

function complexType({ name, properties }: ComplexProperty['complex']): string {
  const parts = Object.entries<PrimitiveProperty>(properties).map(([part, declared]) =>
    property(part, declared, false, ''),
  )
  return `<ComplexType Name="${name}">${parts.join('')}</ComplexType>`
}

const association = (link: Link, namespace: string): string =>
  `<Association Name="${link.name}">` +
  `<End Type="${namespace}.${link.from.type}" Multiplicity="1" Role="${fromRole(link)}"/>` +
  `<End Type="${namespace}.${link.to.type}" Multiplicity="${link.many ? '*' : '0..1'}" Role="${toRole(link)}"/>` +
  '</Association>'

const associationSet = (link: Link, namespace: string): string =>
  `<AssociationSet Name="${link.name}Set" Association="${namespace}.${link.name}">` +
  `<End EntitySet="${link.from.set}" Role="${fromRole(link)}"/>` +
  `<End EntitySet="${link.to.set}" Role="${toRole(link)}"/>` +
  '</AssociationSet>'

const functionImport = <Context>({ name, method, parameters }: FunctionImport<Context>): string => {
  const declared = parameters.map((parameter) => {
    const optional = parameter.endsWith('?')
    return `<Parameter Name="${optional ? parameter.slice(0, -1) : parameter}" Type="Edm.String" Mode="In" Nullable="${optional}"/>`
  })
  return `<FunctionImport Name="${name}" m:HttpMethod="${method}">${declared.join('')}</FunctionImport>`
}
