import { type EntitySet, type Row, text } from '../../odata/index.ts'
import type { ShownKnownHost } from '../../secrets/index.ts'
import { roles } from '../roles.ts'
import { requireTexts, textOf } from '../row-values.ts'
import type { Call, Services } from '../services.ts'

/** One line of the known hosts as it is shown. */
export const knownHostRow = ({ id, hosts, algorithm, key, marker, comment, fingerprint }: ShownKnownHost): Row => ({
  Id: id,
  Hosts: hosts,
  Algorithm: algorithm,
  PublicKey: key,
  Fingerprint: fingerprint,
  Marker: marker,
  Comment: comment,
})

/** The hosts that flows reach by SSH, a line each. A body to create with holds lines as OpenSSH writes them. */
export const knownHosts = ({ secrets }: Services): EntitySet<Call> => ({
  name: 'KnownHosts',
  list: {
    requires: roles.readSecurityMaterial,
    run: async () => {
      await secrets.reload()
      return secrets.knownHosts.list().map(knownHostRow)
    },
  },
  create: {
    requires: roles.editSecurityMaterial,
    status: 202,
    run: async (body, { caller }) => {
      requireTexts(body, ['Lines'])
      await secrets.knownHosts.add(textOf(body, 'Lines'), caller.name)
      return undefined
    },
  },
  remove: {
    requires: roles.editSecurityMaterial,
    status: 202,
    run: (key, { caller }) => secrets.knownHosts.remove(textOf(key, 'Id'), caller.name),
  },
  type: {
    name: 'KnownHost',
    key: ['Id'],
    properties: {
      Id: text(16),
      Hosts: text(),
      Algorithm: text(),
      PublicKey: text(),
      Fingerprint: text(),
      Marker: text(),
      Comment: text(),
      Lines: text(1_000_000),
    },
  },
})
