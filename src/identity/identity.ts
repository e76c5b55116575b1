import { X509Certificate } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'

import { type Clock, newSecret, uuid } from '../base/index.ts'
import { type BuiltInCa, factsOf, type Sealer } from '../keystore/index.ts'
import { faults } from './faults.ts'
import { createLookUp, hashOf, type Known, type LookUp } from './look-up.ts'
import type { IdentityStore, RegisteredCertificate, ServiceInstance, ServiceKey } from './ports.ts'
import { checkKeyRequest, type InstanceRequest, type KeyRequest, readExternal, readInstance } from './requests.ts'
import type { OpenedKey } from './service-key-document.ts'

/** Who may call, in one tenant. Look-ups are in memory; changes go to the store first. */
export interface Identity extends LookUp {
  /** Grows with each change: whoever remembers the result of a look-up forgets it when this has changed. */
  readonly revision: number
  /** Reads the store again, after a hint that another process changed it. */
  readonly reload: () => Promise<void>
  /** Called after each change; the answer ends it. */
  readonly onChange: (listener: () => void) => () => void

  readonly instances: () => readonly ServiceInstance[]
  readonly keys: (instanceId: string) => readonly ServiceKey[]
  readonly certificateOf: (keyId: string) => RegisteredCertificate | undefined
  /** @throws identity.instanceInvalid, identity.instanceNameTaken */
  readonly createInstance: (request: InstanceRequest, user: string) => Promise<ServiceInstance>
  /** The plan stays. @throws identity.instanceUnknown, instanceInvalid, instanceNameTaken */
  readonly updateInstance: (id: string, change: Partial<Omit<InstanceRequest, 'plan'>>) => Promise<ServiceInstance>
  /** Deletes the instance with its keys: they are refused on the next call. @throws identity.instanceUnknown */
  readonly deleteInstance: (id: string) => Promise<void>
  /** @throws identity.instanceUnknown, keyInvalid, keyNameTaken, certificateTaken, certificateUnusable, caMissing */
  readonly createKey: (instanceId: string, request: KeyRequest, user: string) => Promise<OpenedKey>
  /** The key with its credential in the clear. @throws identity.keyUnknown, keystore.sealBroken */
  readonly openKey: (id: string) => OpenedKey
  /** @throws identity.keyUnknown */
  readonly deleteKey: (id: string) => Promise<void>
}

const contextOf = (keyId: string) => `service key ${keyId}`

/** Loads who is known from the store. Only a process that issues client certificates is given the CA. */
export async function createIdentity(given: {
  readonly store: IdentityStore
  readonly sealer: Sealer
  readonly clock: Clock
  readonly ca?: BuiltInCa
}): Promise<Identity> {
  const { store, sealer, clock, ca } = given
  let known: Known = await store.load()
  let lookUp = createLookUp(known)
  let revision = 1
  const listeners = new Set<() => void>()

  // Changes and reloads take turns: a reload that began before a deletion must not bring back what was deleted.
  let last: Promise<unknown> = Promise.resolve()
  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = last.then(work)
    last = turn.catch(() => undefined)
    return turn
  }

  function become(next: Known): void {
    known = next
    lookUp = createLookUp(next)
    revision++
    for (const listener of listeners) listener()
  }

  function instanceOf(id: string): ServiceInstance {
    const instance = known.instances.find((each) => each.id === id)
    if (instance === undefined) throw faults.instanceUnknown({ instance: id })
    return instance
  }

  function keyOf(id: string): ServiceKey {
    const key = known.keys.find((each) => each.id === id)
    if (key === undefined) throw faults.keyUnknown({ key: id })
    return key
  }

  const certificateOf = (keyId: string) => known.certificates.find((each) => each.keyId === keyId)

  /** `service key 'a' of the instance 'b'`, for whoever tries to register its certificate again. */
  function holderOf(keyId: string): string {
    const key = known.keys.find(({ id }) => id === keyId)
    const instance = known.instances.find(({ id }) => id === key?.instanceId)
    return key
      ? `service key '${key.name}' of the instance '${instance?.name ?? key.instanceId}'`
      : `service key '${keyId}'`
  }

  const taken = (fingerprint: string, keyId: string) => faults.certificateTaken({ fingerprint, by: holderOf(keyId) })

  function refuseTaken(fingerprint: string): void {
    const present = known.certificates.find((each) => each.fingerprint === fingerprint)
    if (present !== undefined) throw taken(fingerprint, present.keyId)
  }

  /** Draws or reads the credential that a request asks for. */
  async function credentialFor(request: KeyRequest, clientId: string) {
    if (request.type === 'secret')
      return { secret: request.secret ?? newSecret(), certificate: undefined, privateKey: undefined }
    if (request.type === 'certificate_external') {
      const { pem } = readExternal(request.certificate, clock.now())
      return { secret: undefined, certificate: pem, privateKey: undefined }
    }
    if (ca === undefined) throw faults.caMissing()
    const { chain, key } = await ca.issueClient({
      commonName: clientId,
      organizationalUnit: request.name,
      days: request.validityDays ?? 365,
      keySize: (request.keySize ?? 2048) as 2048 | 3072 | 4096,
    })
    return { secret: undefined, certificate: chain, privateKey: key }
  }

  async function createKey(instanceId: string, request: KeyRequest, user: string): Promise<OpenedKey> {
    const instance = instanceOf(instanceId)
    checkKeyRequest(request, instance)
    const { name, type } = request
    if (known.keys.some((each) => each.instanceId === instanceId && each.name === name))
      throw faults.keyNameTaken({ name, instance: instance.name })
    const id = uuid()
    // The instance is the OAuth client, its keys are credentials of it: the client id outlives the change of a key.
    const clientId = (type === 'secret' ? request.clientId : undefined) ?? `sb-${instance.id}!sluice`
    const credential = await credentialFor(request, clientId)
    const secret = credential.secret ?? credential.privateKey
    const key: ServiceKey = {
      id,
      instanceId,
      name,
      type,
      clientId,
      secretHash: credential.secret && hashOf(credential.secret).toString('hex'),
      sealedSecret: secret && sealer.seal(Buffer.from(secret, 'utf8'), contextOf(id)),
      createdBy: user,
      createdAt: clock.now(),
    }
    const certificate = credential.certificate === undefined ? undefined : registered(credential.certificate, key)
    if (certificate !== undefined) refuseTaken(certificate.fingerprint)
    const outcome = await store.insertKey(key, certificate)
    if ('taken' in outcome) {
      if (outcome.taken === 'name') throw faults.keyNameTaken({ name, instance: instance.name })
      throw taken(certificate?.fingerprint ?? '', outcome.by)
    }
    become({
      ...known,
      keys: [...known.keys, key],
      certificates: certificate ? [...known.certificates, certificate] : known.certificates,
    })
    return { key, ...credential }
  }

  function openKey(id: string): OpenedKey {
    const key = keyOf(id)
    const plain = key.sealedSecret && sealer.open(key.sealedSecret, contextOf(id)).toString('utf8')
    return {
      key,
      secret: key.type === 'secret' ? plain : undefined,
      certificate: certificateOf(id)?.pem,
      privateKey: key.type === 'certificate' ? plain : undefined,
    }
  }

  return {
    get revision() {
      return revision
    },
    byCertificate: (fingerprint) => lookUp.byCertificate(fingerprint),
    byClientSecret: (clientId, secret) => lookUp.byClientSecret(clientId, secret),
    knowsClient: (clientId) => lookUp.knowsClient(clientId),
    reload: () =>
      inTurn(async () => {
        const next = await store.load()
        // Most reloads find nothing new, and a new revision costs every connection its memory.
        if (!isDeepStrictEqual(next, known)) become(next)
      }),
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    instances: () => known.instances,
    keys: (instanceId) => known.keys.filter((key) => key.instanceId === instanceId),
    certificateOf,
    openKey,
    createInstance: (request, user) =>
      inTurn(async () => {
        const parameters = readInstance(request)
        const instance = { id: uuid(), ...parameters, createdBy: user, createdAt: clock.now() }
        if (!(await store.insertInstance(instance))) throw faults.instanceNameTaken({ name: instance.name })
        become({ ...known, instances: [...known.instances, instance] })
        return instance
      }),
    updateInstance: (id, change) =>
      inTurn(async () => {
        const present = instanceOf(id)
        const instance = { ...present, ...readInstance({ ...present, ...change, plan: present.plan }) }
        if (known.instances.some((each) => each.id !== id && each.name === instance.name))
          throw faults.instanceNameTaken({ name: instance.name })
        if (!(await store.updateInstance(instance))) throw faults.instanceUnknown({ instance: id })
        become({ ...known, instances: known.instances.map((each) => (each.id === id ? instance : each)) })
        return instance
      }),
    deleteInstance: (id) =>
      inTurn(async () => {
        const deleted = await store.deleteInstance(id)
        const gone = new Set(known.keys.filter((key) => key.instanceId === id).map((key) => key.id))
        become({
          instances: known.instances.filter((each) => each.id !== id),
          keys: known.keys.filter((each) => !gone.has(each.id)),
          certificates: known.certificates.filter((each) => !gone.has(each.keyId)),
        })
        if (!deleted) throw faults.instanceUnknown({ instance: id })
      }),
    createKey: (instanceId, request, user) => inTurn(() => createKey(instanceId, request, user)),
    deleteKey: (id) =>
      inTurn(async () => {
        const deleted = await store.deleteKey(id)
        become({
          ...known,
          keys: known.keys.filter((each) => each.id !== id),
          certificates: known.certificates.filter((each) => each.keyId !== id),
        })
        if (!deleted) throw faults.keyUnknown({ key: id })
      }),
  }

  function registered(pem: string, key: ServiceKey): RegisteredCertificate {
    const { fingerprint, subject, issuer, serialNumber, validFrom, validTo } = factsOf(new X509Certificate(pem))
    return {
      fingerprint,
      keyId: key.id,
      pem,
      subject,
      issuer,
      serialNumber,
      validFrom,
      validTo,
      registeredAt: clock.now(),
    }
  }
}
