import type { InstanceRequest } from '../../identity/contracts.ts'
import type { ServiceInstance } from '../../identity/records.ts'
import type { Json } from './read-json.ts'
import { asNumber, asTexts, readMembers } from './read-members.ts'

const readers = {
  roles: asTexts,
  'grant-types': asTexts,
  'redirect-uris': asTexts,
  'token-validity': asNumber,
}

type Given = Pick<InstanceRequest, 'roles' | 'grantTypes' | 'redirectUris' | 'tokenValidity'>

/** The parameters of a service instance as the original's clients send them. @throws api.parametersInvalid */
export function readInstanceParameters(parameters: Json): Given {
  const {
    roles,
    'grant-types': grantTypes,
    'redirect-uris': redirectUris,
    'token-validity': tokenValidity,
  } = readMembers(parameters, readers, 'Parameters')
  return {
    ...(roles && { roles }),
    ...(grantTypes && { grantTypes }),
    ...(redirectUris && { redirectUris }),
    ...(tokenValidity !== undefined && { tokenValidity }),
  }
}

/** All parameters of a service instance, also those that were never given. */
export const instanceParameters = (instance: ServiceInstance): Readonly<Record<string, Json>> => ({
  'grant-types': instance.grantTypes,
  'redirect-uris': instance.redirectUris,
  roles: instance.roles,
  'token-validity': instance.tokenValidity,
})
