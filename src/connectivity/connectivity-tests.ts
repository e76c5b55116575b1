import type { ConnectivityTest } from './contracts.ts'
import { amqp } from './kinds/amqp.ts'
import { ftp } from './kinds/ftp.ts'
import { http } from './kinds/http.ts'
import { imap } from './kinds/imap.ts'
import { kafka } from './kinds/kafka.ts'
import { ldap } from './kinds/ldap.ts'
import { oidc } from './kinds/oidc.ts'
import { pop3 } from './kinds/pop3.ts'
import { saml } from './kinds/saml.ts'
import { smtp } from './kinds/smtp.ts'
import { ssh } from './kinds/ssh.ts'
import { tls } from './kinds/tls.ts'

/** Every kind of connectivity test, in the order in which they are shown. */
export const connectivityTests: readonly ConnectivityTest[] = [
  tls,
  http,
  ssh,
  smtp,
  imap,
  pop3,
  ftp,
  amqp,
  kafka,
  ldap,
  oidc,
  saml,
]
