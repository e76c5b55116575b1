/** The design time: integration packages and the artifacts in them, kept and changed where nothing runs. */
export * from './design.ts'
export * from './ports.ts'
export type { PackageFields } from './packages.ts'
export type { Resource } from './resources.ts'
