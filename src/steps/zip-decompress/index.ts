/** ZIP Decompress: makes the file in a zip archive the body. */
export { zipDecompress } from './zip-decompress.ts'
