/*
 * How a service declares what it offers. `$metadata`, the writers, the reader of bodies, `$filter` and the dispatcher
 * all read these declarations, so that no property is spelt twice.
 */

export type EdmType = 'Edm.String' | 'Edm.Int32' | 'Edm.Int64' | 'Edm.Boolean' | 'Edm.DateTime' | 'Edm.Binary'

/** Values of properties: text, numbers, truth; DateTime is milliseconds since 1970, Binary is base64. */
export type Primitive = string | number | bigint | boolean | null

/** An entity or a complex value. Names that are not declared are left out of answers. */
export interface Row {
  readonly [property: string]: Primitive | Row | undefined
}

export interface PrimitiveProperty {
  readonly type: EdmType
  /** In characters; longer text in a body is refused. */
  readonly maxLength?: number
}

export interface ComplexProperty {
  readonly complex: { readonly name: string; readonly properties: Readonly<Record<string, PrimitiveProperty>> }
}

export type Property = PrimitiveProperty | ComplexProperty

export const text = (maxLength?: number): PrimitiveProperty => ({
  type: 'Edm.String',
  ...(maxLength !== undefined && { maxLength }),
})
export const int32: PrimitiveProperty = { type: 'Edm.Int32' }
export const int64: PrimitiveProperty = { type: 'Edm.Int64' }
export const flag: PrimitiveProperty = { type: 'Edm.Boolean' }
export const dateTime: PrimitiveProperty = { type: 'Edm.DateTime' }
export const binary: PrimitiveProperty = { type: 'Edm.Binary' }
export const complex = (name: string, properties: Readonly<Record<string, PrimitiveProperty>>): ComplexProperty => ({
  complex: { name, properties },
})

/** What the readers and writers of addresses and payloads need to know of an entity type. */
export interface StructuralType {
  readonly name: string
  readonly key: readonly string[]
  readonly properties: Readonly<Record<string, Property>>
  readonly navigations?: Readonly<Record<string, { readonly to: string; readonly many: boolean }>>
  /**
   * Navigations whose entities may be created together with the entity. A body hands their rows on as JSON text in the
   * property of this name.
   */
  readonly deepInsert?: Readonly<Record<string, Pick<StructuralType, 'name' | 'properties'>>>
  /** Content type of the media stream behind `$value`, where the entity has one. */
  readonly media?: string
}
