/** The commands: one file each. */
import type { Command } from '../command.ts'
import { check } from './check.ts'
import { configure } from './configure.ts'
import { credentialsList } from './credentials-list.ts'
import { credentialsRemove } from './credentials-remove.ts'
import { credentialsSet } from './credentials-set.ts'
import { deploy } from './deploy.ts'
import { help } from './help.ts'
import { logLevel } from './log-level.ts'
import { logs } from './logs.ts'
import { refusals } from './refusals.ts'
import { send } from './send.ts'
import { start } from './start.ts'
import { status } from './status.ts'
import { undeploy } from './undeploy.ts'
import { version } from './version.ts'

/** Every command, in the order in which help lists them. */
export const allCommands: readonly Command[] = [
  start,
  check,
  deploy,
  undeploy,
  status,
  configure,
  send,
  logs,
  logLevel,
  refusals,
  credentialsList,
  credentialsSet,
  credentialsRemove,
  version,
  help,
]
