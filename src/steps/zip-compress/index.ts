/** ZIP Compress: packs the body into a zip archive of one file. */
export { zipCompress } from './zip-compress.ts'
