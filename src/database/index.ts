/** SQLite and PostgreSQL: opens the database, brings its schema up to date and implements the stores of all rooms. */
export { type Database, type DatabasePlace, isTenantId, openDatabase } from './open-database.ts'
export { type ControlStores, openControlStores, openTenantStores, type TenantStores } from './open-stores.ts'
