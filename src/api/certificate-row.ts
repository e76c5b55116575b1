import type { RegisteredCertificate } from '../identity/records.ts'
import { dateTime, type Row, text } from '../odata/index.ts'
import { authoredProperties, authoredRow } from './authored-row.ts'
import { optionalNumber, present } from './row-values.ts'

/** The longest text of a certificate in a body: a chain of some certificates with long keys. */
export const certificateText = text(65_536)

/** A registered certificate as the sets show it: what it says, and the window in which it counts. */
export const certificateRow = (record: RegisteredCertificate) => ({
  Fingerprint: record.fingerprint,
  Subject: record.subject,
  Issuer: record.issuer,
  SerialNumber: record.serialNumber,
  ValidFrom: record.validFrom,
  ValidTo: record.validTo,
  From: record.from ?? null,
  Until: record.until ?? null,
  Certificate: record.pem,
  ...authoredRow(record),
})

export const certificateProperties = {
  Fingerprint: text(64),
  Subject: text(),
  Issuer: text(),
  SerialNumber: text(),
  ValidFrom: dateTime,
  ValidTo: dateTime,
  From: dateTime,
  Until: dateTime,
  Certificate: certificateText,
  ...authoredProperties,
}

/** The window of a body, as far as it is given. */
export const windowOf = (body: Row) =>
  present({ from: optionalNumber(body, 'From'), until: optionalNumber(body, 'Until') })
