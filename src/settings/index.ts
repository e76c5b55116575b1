/** The settings of the process, declared once, read once from the environment. */
export * from './settings.ts'
