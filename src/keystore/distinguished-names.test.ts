import assert from 'node:assert/strict'
import { it } from 'node:test'

import { canonicalDn, dnOfLines } from './distinguished-names.ts'

for (const [lines, dn] of [
  ['C=DE\nO=SAP SE\nOU=Clients\nCN=xyz', 'CN=xyz,OU=Clients,O=SAP SE,C=DE'],
  ['O=A\\, B\nCN=a + OU=b', 'CN=a+OU=b,O=A\\, B'],
  ['CN=a \\+ b', 'CN=a \\+ b'],
  ['', ''],
] as const) {
  it(`the name ${JSON.stringify(lines)} is shown as ${dn}`, () => assert.equal(dnOfLines(lines), dn))
}

for (const [left, right] of [
  ['CN=Client, O=Acme ,C=DE', 'cn=client,o=ACME,c=de'],
  ['CN="Acme, Inc",C=DE', 'CN=Acme\\, Inc,C=DE'],
  ['CN=Acme\\2C Inc', 'CN=Acme\\, Inc'],
  ['CN=M\\C3\\BCller', 'CN=Müller'],
  ['EMAILADDRESS=a@b.c,CN=x', 'E=a@b.c,CN=x'],
  ['OID.2.5.4.3=x', 'CN=x'],
  ['CN=a+OU=b,C=DE', 'OU=b+CN=a,C=DE'],
  ['CN=two  words', 'CN=two words'],
  ['CN=a;C=DE', 'CN=a,C=DE'],
] as const) {
  it(`${left} equals ${right}`, () => {
    assert.notEqual(canonicalDn(left), undefined)
    assert.equal(canonicalDn(left), canonicalDn(right))
  })
}

for (const [left, right] of [
  ['CN=a,C=DE', 'C=DE,CN=a'],
  ['CN=a,OU=b', 'CN=a+OU=b'],
  ['CN=a\\,OU=b', 'CN=a,OU=b'],
  ['CN="a,OU=b"', 'CN=a,OU=b'],
  ['CN=*.acme.com', 'CN=x.acme.com'],
  ['CN=a', 'CN=a,C=DE'],
] as const) {
  it(`${left} differs from ${right}`, () => assert.notEqual(canonicalDn(left), canonicalDn(right)))
}

for (const text of ['', 'Acme', 'CN=a,', 'CN=a,,C=DE', '/CN=a/C=DE', 'CN="a', 'CN="a"b', 'CN=a\\', '=a']) {
  it(`${JSON.stringify(text)} is no distinguished name`, () => assert.equal(canonicalDn(text), undefined))
}
