import type { Literal } from '../literal.ts'

export type Comparison = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le'

/** Functions of `$filter` that are understood, with the number of their arguments. */
export const filterFunctions = {
  substringof: 2,
  startswith: 2,
  endswith: 2,
  tolower: 1,
  toupper: 1,
  trim: 1,
  length: 1,
} as const
export type FilterFunction = keyof typeof filterFunctions

/** `$filter` as a tree. `x eq true` around a function that answers true or false is already taken away. */
export type Expression =
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'not'; readonly of: Expression }
  | { readonly kind: 'compare'; readonly operator: Comparison; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'call'; readonly name: FilterFunction; readonly of: readonly Expression[] }
  /** `Name`, or `IntegrationArtifact/Id` for a property of a complex one. */
  | { readonly kind: 'property'; readonly path: string }
  | { readonly kind: 'literal'; readonly literal: Literal }
