/** Runs Groovy scripts: a JVM in a process of its own, and the protocol to it. */
export * from './groovy-host.ts'
export type { HostCall } from './host-calls.ts'
export { findJava, type Java } from './java.ts'
export type { ScriptFolder, ScriptFunction } from './script-folder.ts'
export * from './scripts.ts'
export { serviceCalls } from './service-calls.ts'
export { JavaList, JavaMap, JavaValue, ScriptObject } from './values.ts'
