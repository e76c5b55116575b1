/** File formats that no one else speaks for: zips, folders, properties files, manifests, XML; each read with care. */
export * from './folder.ts'
export * from './java-properties.ts'
export * from './manifest.ts'
export * from './read-budget.ts'
export * from './xml.ts'
export * from './zip.ts'
export * from './zip-write.ts'
