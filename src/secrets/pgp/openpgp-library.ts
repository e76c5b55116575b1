/** The library for OpenPGP is large: it is loaded when the first key is read. */
export const loadOpenPgp = () => import('openpgp')
