import { newSecret, uuid } from '../base/index.ts'
import type { Sealer } from '../keystore/index.ts'
import type { Identity, KeyRequest } from './contracts.ts'
import { faults } from './faults.ts'
import { issueClient } from './issue-client.ts'
import {
  clientIdOf,
  dropKey,
  hashOf,
  instanceOf,
  type KeyParts,
  keyOf,
  keysOf,
  openCredential,
  sealCredential,
} from './key-records.ts'
import { keyRequestProblems } from './key-requests.ts'
import { authored } from './names.ts'
import type { ServiceKey } from './records.ts'
import { certificatesOfKey } from './registration.ts'
import type { Draft, View } from './registry.ts'
import { createRotation } from './rotate-key.ts'

/** Credentials of service instances. */
export function createServiceKeys(parts: KeyParts): Identity['keys'] {
  const { registry, registrar, sealer, clock } = parts

  async function create(instanceId: string, request: KeyRequest, author: string) {
    await registry.reload()
    const clientId = checked(registry.view(), instanceId, request)
    const id = uuid()
    const { candidate, ...credential } = await credentialFor(parts, request, clientId)
    const key = await registry.change((draft) => {
      checked(draft, instanceId, request)
      const key = draft.put('key', {
        id,
        instanceId,
        name: request.name,
        type: request.type,
        clientId,
        secretHash: credential.secret && hashOf(credential.secret).toString('hex'),
        sealedSecret: sealCredential(sealer, id, credential.secret ?? credential.privateKey),
        pinned: request.type !== 'certificate_external' || request.pinned !== false,
        until: undefined,
        ...authored(author, clock.now()),
      })
      const holder = { kind: 'key', id } as const
      if (candidate) registrar.register(draft, candidate, { holder, author, pem: credential.certificate })
      return key
    })
    return { key, ...credential }
  }

  function open(id: string) {
    const view = registry.view()
    const key = keyOf(view, id)
    const plain = openCredential(sealer, key)
    return {
      key,
      secret: key.type === 'secret' ? plain : undefined,
      certificate: certificatesOfKey(view, id).at(-1)?.pem,
      privateKey: key.type === 'certificate' ? plain : undefined,
    }
  }

  return {
    list: (instanceId) =>
      instanceId === undefined ? [...registry.view().of('key').values()] : keysOf(registry.view(), instanceId),
    find: (id) => registry.view().of('key').get(id),
    create,
    open,
    rotate: createRotation(parts),
    remove: (id) =>
      registry.change((draft) => {
        keyOf(draft, id)
        dropKey(draft, id)
      }),
  }
}

/**
 * A key with a secret that was drawn before, for an instance that is made in the same change.
 * @throws identity.keyInvalid, keyNameTaken
 */
export function draftSecretKey(
  draft: Draft,
  given: {
    readonly instanceId: string
    readonly name: string
    readonly secret: string
    readonly sealer: Sealer
    readonly author: string
    readonly now: number
  },
): ServiceKey {
  const { instanceId, name, secret, sealer, author, now } = given
  const clientId = checked(draft, instanceId, { name, type: 'secret' })
  const id = uuid()
  return draft.put('key', {
    id,
    instanceId,
    name,
    type: 'secret',
    clientId,
    secretHash: hashOf(secret).toString('hex'),
    sealedSecret: sealCredential(sealer, id, secret),
    pinned: true,
    until: undefined,
    ...authored(author, now),
  })
}

/** The client id that the key will have, if it can be made at all. */
function checked(view: View, instanceId: string, request: KeyRequest): string {
  const instance = instanceOf(view, instanceId)
  const problems = keyRequestProblems(request, instance)
  if (problems.length > 0) throw faults.keyInvalid({ problems })
  const { name } = request
  if (keysOf(view, instanceId).some((key) => key.name === name))
    throw faults.keyNameTaken({ name, instance: instance.name })
  const clientId = (request.type === 'secret' ? request.clientId : undefined) ?? clientIdOf(instance)
  refuseClientId(view, clientId, instanceId)
  return clientId
}

/** A client id names one instance, because tokens name instances by it. */
function refuseClientId(view: View, clientId: string, instanceId: string): void {
  const owner =
    [...view.of('instance').values()].find((instance) => clientIdOf(instance) === clientId)?.id ??
    [...view.of('key').values()].find((key) => key.clientId === clientId)?.instanceId
  if (owner === undefined || owner === instanceId) return
  const name = view.of('instance').get(owner)?.name ?? owner
  throw faults.clientIdTaken({ clientId, by: `the service instance '${name}'` })
}

/** Draws or reads the credential that a request asks for. */
async function credentialFor({ ca, registrar }: KeyParts, request: KeyRequest, clientId: string) {
  const none = { secret: undefined, certificate: undefined, privateKey: undefined, candidate: undefined }
  if (request.type === 'secret') return { ...none, secret: request.secret ?? newSecret() }
  if (request.type === 'certificate_external') {
    const candidate = await registrar.prepare(request.certificate)
    return { ...none, certificate: candidate.pem, candidate }
  }
  const { validityDays = 365, keySize = 2048 } = request
  return { ...none, ...(await issueClient(ca, { clientId, unit: request.name, days: validityDays, keySize })) }
}
