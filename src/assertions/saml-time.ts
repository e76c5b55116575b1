/** Milliseconds since 1970 of a time in SAML, which is always UTC and ends with Z; undefined for anything else. */
export function samlTime(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/.test(text)) return undefined
  const time = Date.parse(text)
  // A day such as 31 February would be read as one of March.
  return Number.isNaN(time) || new Date(time).toISOString().slice(0, 19) !== text.slice(0, 19) ? undefined : time
}

/** A time as SAML writes it, in whole seconds. */
export const samlTimeOf = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`
