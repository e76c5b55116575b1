/** The commands: one file each, those about one kind of thing in one file. */
import type { Command } from '../command.ts'
import { assertionDecode, assertionMake, assertionSign, assertionVerify } from './assertion.ts'
import { auditExport, auditList, auditVerify } from './audit.ts'
import {
  capabilitiesApprove,
  capabilitiesDiff,
  capabilitiesList,
  capabilitiesReject,
  capabilitiesShow,
} from './capabilities.ts'
import { certIssue, certShow, certSign } from './certificates.ts'
import { check } from './check.ts'
import { configure } from './configure.ts'
import { credentialsList } from './credentials-list.ts'
import { credentialsRemove } from './credentials-remove.ts'
import { credentialsSet } from './credentials-set.ts'
import { deploy } from './deploy.ts'
import { expiry, expiryRehearse } from './expiry.ts'
import { explain } from './explain.ts'
import { grantsAdd, grantsList, grantsRemove, grantsReset } from './grants.ts'
import { groupCreate, groupDelete, groupList, groupMembers, groupRoles } from './groups.ts'
import { help } from './help.ts'
import {
  idpAdd,
  idpAddCertificate,
  idpDiscover,
  idpImport,
  idpList,
  idpRemove,
  idpRemoveCertificate,
  idpShow,
  idpUpdate,
} from './idp.ts'
import {
  knownHostsAdd,
  knownHostsApprove,
  knownHostsDiscard,
  knownHostsFetch,
  knownHostsImport,
  knownHostsList,
  knownHostsRemove,
  knownHostsReview,
} from './known-hosts.ts'
import { jdbcSet } from './jdbc.ts'
import { keyActivate, keyBackup, keyGenerate, keyHistory, keyImport, keyRestore } from './key-changes.ts'
import {
  keyCopy,
  keyCsr,
  keyDelete,
  keyExportPrivate,
  keyExportPublic,
  keyList,
  keyRename,
  keyShow,
  keySignResponse,
} from './keys.ts'
import { logLevel } from './log-level.ts'
import { logs } from './logs.ts'
import { mappingAdd, mappingList, mappingRemove } from './mappings.ts'
import { channelCertificates, proxies } from './named-certificates.ts'
import { oauthCredentialAuthorize, oauthCredentialSet } from './oauth-credentials.ts'
import { pgpDelete, pgpExport, pgpImport, pgpList } from './pgp.ts'
import { policyRemove, policySet, policyShow } from './policy.ts'
import { refusals } from './refusals.ts'
import { crlAdd, crlList, crlRemove } from './revocation-lists.ts'
import { review } from './review.ts'
import { sandbox } from './sandbox.ts'
import { roleCreate, roleDelete, roleDownload, roleList } from './roles.ts'
import { samlBearerSet } from './saml-bearer.ts'
import { secureParameterSet } from './secure-parameter.ts'
import { send } from './send.ts'
import {
  serviceInstanceCreate,
  serviceInstanceDelete,
  serviceInstanceList,
  serviceInstanceShow,
  serviceInstanceUpdate,
} from './service-instances.ts'
import { serviceKeyCreate, serviceKeyKit, serviceKeyRotate } from './service-key-credentials.ts'
import { serviceKeyAddCertificate, serviceKeyDelete, serviceKeyList, serviceKeyShow } from './service-keys.ts'
import { sign } from './sign.ts'
import { start } from './start.ts'
import { status } from './status.ts'
import { testCommands } from './test-connection.ts'
import { backup, keysRotate, keysVerify, restore, secretsFingerprints } from './vault.ts'
import { trustAdd, trustList, trustRemove } from './trust.ts'
import { trustSender } from './trust-sender.ts'
import { undeploy } from './undeploy.ts'
import { userCreate, userDelete, userList, userLock, userRoles, userSetPassword, userUnlock } from './users.ts'
import { version } from './version.ts'

/** Every command, in the order in which help lists them. */
export const allCommands: readonly Command[] = [
  start,
  check,
  review,
  sandbox,
  capabilitiesShow,
  capabilitiesDiff,
  capabilitiesList,
  capabilitiesApprove,
  capabilitiesReject,
  sign,
  deploy,
  undeploy,
  status,
  configure,
  send,
  logs,
  logLevel,
  explain,
  assertionMake,
  assertionSign,
  assertionDecode,
  assertionVerify,
  refusals,
  serviceInstanceList,
  serviceInstanceCreate,
  serviceInstanceShow,
  serviceInstanceUpdate,
  serviceInstanceDelete,
  serviceKeyList,
  serviceKeyCreate,
  serviceKeyShow,
  serviceKeyRotate,
  serviceKeyAddCertificate,
  serviceKeyKit,
  serviceKeyDelete,
  keyList,
  keyShow,
  keyGenerate,
  keyImport,
  keyCsr,
  keySignResponse,
  keyRename,
  keyCopy,
  keyDelete,
  keyExportPublic,
  keyExportPrivate,
  keyBackup,
  keyRestore,
  keyActivate,
  keyHistory,
  keysRotate,
  keysVerify,
  certIssue,
  certSign,
  certShow,
  trustList,
  trustAdd,
  trustRemove,
  trustSender,
  idpList,
  idpShow,
  idpAdd,
  idpUpdate,
  idpRemove,
  idpImport,
  idpDiscover,
  idpAddCertificate,
  idpRemoveCertificate,
  crlList,
  crlAdd,
  crlRemove,
  mappingList,
  mappingAdd,
  mappingRemove,
  channelCertificates.list,
  channelCertificates.add,
  channelCertificates.remove,
  proxies.list,
  proxies.add,
  proxies.remove,
  roleList,
  roleCreate,
  roleDelete,
  roleDownload,
  userList,
  userCreate,
  userSetPassword,
  userRoles,
  userLock,
  userUnlock,
  userDelete,
  groupList,
  groupCreate,
  groupMembers,
  groupRoles,
  groupDelete,
  policyShow,
  policySet,
  policyRemove,
  credentialsList,
  credentialsSet,
  credentialsRemove,
  secureParameterSet,
  oauthCredentialSet,
  oauthCredentialAuthorize,
  samlBearerSet,
  jdbcSet,
  grantsList,
  grantsAdd,
  grantsRemove,
  grantsReset,
  knownHostsList,
  knownHostsAdd,
  knownHostsRemove,
  knownHostsFetch,
  knownHostsImport,
  knownHostsReview,
  knownHostsApprove,
  knownHostsDiscard,
  pgpList,
  pgpImport,
  pgpExport,
  pgpDelete,
  ...testCommands,
  expiry,
  expiryRehearse,
  auditList,
  auditExport,
  auditVerify,
  secretsFingerprints,
  backup,
  restore,
  version,
  help,
]
