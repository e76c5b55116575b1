/** Object identifiers of PKCS#12 (RFC 7292, appendix D) and PKCS#7. */
export const contents = {
  data: '1.2.840.113549.1.7.1',
  encryptedData: '1.2.840.113549.1.7.6',
} as const

export const bags = {
  key: '1.2.840.113549.1.12.10.1.1',
  shroudedKey: '1.2.840.113549.1.12.10.1.2',
  certificate: '1.2.840.113549.1.12.10.1.3',
  nested: '1.2.840.113549.1.12.10.1.6',
  x509: '1.2.840.113549.1.9.22.1',
  friendlyName: '1.2.840.113549.1.9.20',
  localKeyId: '1.2.840.113549.1.9.21',
} as const

/** Java takes a certificate as a trusted entry only when it has this attribute. */
export const oracleTrustedUsage = '2.16.840.1.113894.746875.1.1'
export const anyPurpose = '2.5.29.37.0'
