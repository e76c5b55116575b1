import { complex, dateTime, type EntitySet, odataFaults, type Row, text } from '../../odata/index.ts'
import type { ShownCredential } from '../../secrets/index.ts'
import { faults } from '../faults.ts'
import { roles } from '../roles.ts'
import { requireTexts, textOf } from '../row-values.ts'
import type { Call, Services } from '../services.ts'

// The password is a property of bodies only.
const row = (value: ShownCredential): Row => ({
  Name: value.name,
  Kind: value.kind,
  Description: value.description,
  User: value.user,
  Password: null,
  CompanyId: null,
  SecurityArtifactDescriptor: {
    Type: 'CREDENTIALS',
    DeployedBy: value.deployedBy,
    DeployedOn: value.deployedAt,
    Status: 'DEPLOYED',
  },
})

/** User names with passwords, for the receivers of flows. */
export function userCredentials({ secrets }: Services): EntitySet<Call> {
  const list = async () => (await secrets.list()).map(row)
  return {
    name: 'UserCredentials',
    list: { requires: roles.readCredentials, run: list },
    create: {
      requires: roles.editCredentials,
      status: 202,
      run: async (body, { caller }) => {
        requireTexts(body, ['Name', 'User', 'Password'])
        refuseOtherKinds(body)
        const credential = {
          name: textOf(body, 'Name'),
          description: textOf(body, 'Description'),
          user: textOf(body, 'User'),
        }
        await secrets.create({ ...credential, password: textOf(body, 'Password') }, caller.name)
        return undefined
      },
    },
    update: {
      requires: roles.editCredentials,
      status: 202,
      run: async (key, body, { caller }) => {
        refuseOtherKinds(body)
        const name = textOf(key, 'Name')
        const current = (await secrets.list()).find((one) => one.name === name)
        if (!current) throw odataFaults.entityMissing({ set: 'UserCredentials' })
        const {
          User = current.user,
          Description = current.description,
          Password,
        } = body as Readonly<Record<string, string | undefined>>
        await secrets.update(
          { name, user: User, description: Description, ...(Password && { password: Password }) },
          caller.name,
        )
      },
    },
    remove: { requires: roles.editCredentials, status: 202, run: (key) => secrets.remove(textOf(key, 'Name')) },
    type: {
      name: 'UserCredential',
      key: ['Name'],
      properties: {
        Name: text(150),
        Kind: text(),
        Description: text(1024),
        User: text(200),
        Password: text(4096),
        CompanyId: text(),
        SecurityArtifactDescriptor: complex('SecurityArtifactDescriptor', {
          Type: text(),
          DeployedBy: text(),
          DeployedOn: dateTime,
          Status: text(),
        }),
      },
    },
  }
}

function refuseOtherKinds(body: Row): void {
  const kind = textOf(body, 'Kind')
  if (kind !== '' && kind !== 'default') throw faults.kindUnsupported({ kind })
}
