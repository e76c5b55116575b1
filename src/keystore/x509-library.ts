/** The library is loaded when something is issued and not before: it is large, and most processes never issue. */
export async function loadX509() {
  await import('reflect-metadata')
  return await import('@peculiar/x509')
}
