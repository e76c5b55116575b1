import { declareFaults } from '../base/index.ts'

export const faults = declareFaults('formats', {
  xmlMalformed: {
    kind: 'invalid',
    message: (d: { why: string }) => `The XML is not well-formed: ${d.why}`,
    remedy: 'Correct the XML at the position named.',
  },
  xmlEntities: {
    kind: 'invalid',
    message: (d: { name: string }) => `The XML declares the entity '${d.name}', which is external or expands too far.`,
    remedy: 'Remove the entity declaration; Sluice never loads external entities.',
  },
  propertiesMalformed: {
    kind: 'invalid',
    message: (d: { line: number }) => `The properties file has a '\\u' without four hex digits in line ${d.line}.`,
    remedy: 'Write the character as \\u and four hex digits, or a backslash as \\\\.',
  },
  manifestMalformed: {
    kind: 'invalid',
    message: (d: { line: number; why: string }) => `The manifest cannot be read: line ${d.line}: ${d.why}.`,
    remedy: 'Write one header a line, as `Name: value`; continuation lines begin with one space.',
  },
  zipUnreadable: {
    kind: 'invalid',
    message: (d: { why: string }) => `The file is no complete zip archive: ${d.why}.`,
    remedy: 'Export the content again and upload the zip file as it is.',
  },
  zipEntryDamaged: {
    kind: 'invalid',
    message: (d: { entry: string; why: string }) => `The entry '${d.entry}' of the zip is damaged: ${d.why}.`,
    remedy: 'Export the content again and upload the zip file as it is.',
  },
  zipEncrypted: {
    kind: 'invalid',
    message: (d: { entry: string }) => `The entry '${d.entry}' of the zip is encrypted.`,
    remedy: 'Pack the content without a password.',
  },
  zipMethodUnknown: {
    kind: 'invalid',
    message: (d: { entry: string; method: number }) =>
      `The entry '${d.entry}' of the zip is compressed with method ${d.method}; only stored and deflated entries are read.`,
    remedy: 'Pack the content with the usual compression (deflate).',
  },
  pathUnsafe: {
    kind: 'invalid',
    message: (d: { entry: string; why: string }) => `The entry '${d.entry}' is refused: ${d.why}.`,
    remedy: 'Pack plain files under relative names with forward slashes.',
  },
  entryTwice: {
    kind: 'invalid',
    message: (d: { entry: string }) => `The entry '${d.entry}' stands twice in the zip.`,
    remedy: 'Pack every file once; which of the two is meant cannot be known.',
  },
  tooManyEntries: {
    kind: 'exhausted',
    message: (d: { limit: number }) => `The content holds more than ${d.limit} files and folders.`,
    remedy: 'Remove what does not belong to it, or split it.',
  },
  tooLarge: {
    kind: 'exhausted',
    message: (d: { entry: string; limit: number }) =>
      `With the entry '${d.entry}' the content would take more than ${d.limit} bytes unpacked.`,
    remedy: 'Remove what does not belong to it, or split it.',
  },
  compressedTooFar: {
    kind: 'exhausted',
    message: (d: { entry: string; limit: number }) =>
      `The entry '${d.entry}' would unpack to more than ${d.limit} times its size, as a decompression bomb does.`,
    remedy: 'Pack the file without compression if its content is meant to be so.',
  },
  multipartMalformed: {
    kind: 'failed',
    message: (d: { why: string }) => `The MIME multipart content cannot be read: ${d.why}.`,
    remedy: 'Check that the Content-Type header belongs to this body, and that the body is complete.',
  },
  tooManyParts: {
    kind: 'exhausted',
    message: (d: { limit: number }) => `The MIME multipart content holds more than ${d.limit} parts.`,
    remedy: 'Send fewer parts, or a zip.',
  },
  folderUnreadable: {
    kind: 'missing',
    message: (d: { folder: string; why: string }) => `The folder '${d.folder}' cannot be read: ${d.why}.`,
    remedy: 'Name a folder that exists and that you may read.',
  },
})
