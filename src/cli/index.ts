/** The `sluice` command: what an administrator or a build job does from a shell, through the management API. */
export * from './command.ts'
export * from './commands/index.ts'
export * from './reference.ts'
export * from './run-command.ts'
export * from './session.ts'
