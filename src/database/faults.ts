import { declareFaults } from '../base/index.ts'

export const faults = declareFaults('database', {
  urlInvalid: {
    kind: 'invalid',
    message: () => 'The database URL is not one of PostgreSQL.',
    remedy: 'Set SLUICE_DATABASE_URL to postgres://user:password@host:5432/database, or leave it unset for SQLite.',
  },
  tenantInvalid: {
    kind: 'invalid',
    message: (d: { tenant: string }) => `'${d.tenant}' cannot be the id of a tenant.`,
    remedy: "Use 1 to 40 lower-case letters, digits, '-' and '_', beginning with a letter; 'control' is reserved.",
  },
  busy: {
    kind: 'unavailable',
    message: (d: { seconds: number }) => `The database was locked by another process for ${d.seconds} seconds.`,
    remedy: 'Try again; if it persists, look for a process that holds the database file open, such as a backup.',
  },
  unavailable: {
    kind: 'unavailable',
    message: () => 'The database does not answer.',
    remedy: 'Check that the PostgreSQL server runs and that SLUICE_DATABASE_URL names it.',
  },
  full: {
    kind: 'exhausted',
    message: () => 'The disk of the database is full.',
    remedy: 'Free space on the disk, or lower the days that messages are kept.',
  },
  newer: {
    kind: 'conflict',
    message: (d: { migration: string }) => `The database was written by a newer Sluice: it holds '${d.migration}'.`,
    remedy: 'Start the newer version again, or restore the backup made before it was installed.',
  },
  migrationChanged: {
    kind: 'conflict',
    message: (d: { migration: string }) =>
      `The migration '${d.migration}' is not the one that this database went through.`,
    remedy: 'Run a released version of Sluice; a migration never changes after its release.',
  },
  referenceMissing: {
    kind: 'conflict',
    message: () => 'What the entry belongs to does not exist, or was deleted in the meantime.',
    remedy: 'Create the package first, and try again.',
  },
  duplicate: {
    kind: 'conflict',
    message: () => 'An entry with this id or name was made in the meantime.',
    remedy: 'Read the entry again and repeat the change if it is still wanted.',
  },
  textInvalid: {
    kind: 'invalid',
    message: () => 'The text holds the character NUL, which cannot be stored.',
    remedy: 'Remove the character U+0000 from the text.',
  },
  filterInvalid: {
    kind: 'invalid',
    message: (d: { field: string }) => `The filter compares '${d.field}' with a value of the wrong type.`,
    remedy: 'Compare start and end with times, and every other field with a text.',
  },
})
