import { apiRoleWords, idleRoles } from './roles.ts'

/** The reference page of the roles of the API, in Markdown. */
export function roleReference(): string {
  const rows = Object.entries(apiRoleWords)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([role, words]) => `| \`${role}\` | ${words} |`)
  return [
    '# Roles of the management API',
    'Users, their groups and service instances of the plan `api` have these roles. A call that lacks one is answered 403 with its name.',
    ['| role | what it allows |', '|---|---|', ...rows].join('\n'),
    '## Who may give a role',
    'Nobody gets at more than he has. Whatever has roles of this list (a user by himself or by his groups, a group, a service instance with its keys and certificates, the mappings to a user) can be created, changed and deleted, and its credentials seen, only by callers who have all of these roles themselves, or `TenantAdministrator`. The refusal names the roles that are missing. Roles that flows ask for, such as `ESBMessaging.send`, are free to give.',
    'Whoever gives a role to a user or a service instance that is there already gives it to everybody who knows its credentials: rotate its keys first, if in doubt.',
    '`TenantAdministrator` alone may name trusted proxies, because such a proxy can speak for everybody. Apart from that it opens no set by itself: it adds to the other roles.',
    '## Roles without effect',
    `These roles of the original belong to what is not here. They can be given, with the same care, and allow nothing: ${idleRoles.map((role) => `\`${role}\``).join(', ')}.`,
    '',
  ].join('\n\n')
}
