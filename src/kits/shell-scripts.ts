import type { Call, Proof } from './calls.ts'

/** A text as one word of a POSIX shell. */
export const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`

/** Files of the kit lie beside the script, wherever it is called from. */
const opening = `set -eu
here="$(dirname "$0")"
`

const ownKey = `: "\${CLIENT_KEY:?Set CLIENT_KEY to the file of the private key of client.pem (PEM)}"
`

const curlProof: Readonly<Record<Proof, string>> = {
  // The password of a netrc file is not seen in the list of processes.
  secret: '--netrc-file "$here/netrc"',
  certificate: '--cert "$here/client.pem" --key "$here/client.key"',
  keyless: '--cert "$here/client.pem" --key "$CLIENT_KEY"',
}

/** `curl.sh`: calls the address that is its first argument, with a file as body. It never calls more than one flow. */
export function curlScript(given: {
  readonly url: string
  readonly calls: readonly Call[]
  readonly proof: Proof
}): string {
  const { url, calls, proof } = given
  const cases = calls.map(({ path, method, hasBody, open }) => {
    const pattern = `${quoted(path)}${open ? '*' : ''}`
    return `  ${pattern}) method=${quoted(method)}; body=${hasBody ? '"${2:-/dev/null}"' : "''"} ;;`
  })
  const first = calls.length === 1 ? quoted(calls[0]?.path ?? '') : "''"
  const known = calls.map(({ method, path, open }) => quoted(`  ${method} ${path}${open ? '...' : ''}`)).join(' ')
  return `#!/bin/sh
# Usage: curl.sh [address] [file with the body] [its content type]
${opening}${proof === 'keyless' ? ownKey : ''}address=${first}
if [ "$#" -gt 0 ]; then address="$1"; fi
case "$address" in
${cases.join('\n')}
  *)
    printf '%s\\n' 'Usage: curl.sh [address] [file with the body] [its content type]' 'Addresses:' ${known || quoted('  none: no flow is deployed that this key may call')} >&2
    exit 2
    ;;
esac
if [ -n "$body" ]; then set -- --data-binary "@$body" --header "content-type: \${3:-application/octet-stream}"; else set --; fi
exec curl --silent --show-error --include ${curlProof[proof]} --cacert "$here/server/ca.pem" \\
  --request "$method" "$@" ${quoted(url)}"$address"
`
}

/** `newman.sh`: runs the Postman collection from a shell. */
export function newmanScript(proof: Proof): string {
  const certificate: Readonly<Record<Proof, string>> = {
    secret: '',
    certificate: ' --ssl-client-cert "$here/client.pem" --ssl-client-key "$here/client.key"',
    keyless: ' --ssl-client-cert "$here/client.pem" --ssl-client-key "$CLIENT_KEY"',
  }
  return `#!/bin/sh
${opening}${proof === 'keyless' ? ownKey : ''}exec \${NEWMAN:-npx --yes newman} run "$here/postman_collection.json" \\
  --environment "$here/postman_environment.json" \\
  --ssl-extra-ca-certs "$here/server/ca.pem"${certificate[proof]} "$@"
`
}

/** `netrc`: the file from which curl takes user and password for a host. */
export function netrc(given: { readonly url: string; readonly user: string; readonly password: string }): string {
  const word = (text: string): string =>
    /^[A-Za-z0-9!$%&()*+,./:;<=>?@[\]^_{|}~-]+$/.test(text)
      ? text
      : `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
  // IPv6 hosts stand without brackets here.
  const host = new URL(given.url).hostname.replace(/^\[|\]$/g, '')
  return `machine ${host} login ${word(given.user)} password ${word(given.password)}
`
}
