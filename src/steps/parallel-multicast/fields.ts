import type { FieldSet } from '../../fields/index.ts'

export const fields = {} satisfies FieldSet
