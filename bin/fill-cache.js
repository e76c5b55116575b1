// Loads every module of all processes once, so that the code cache holds them. What a module does when it is loaded
// outside its process does not matter here: it is in the cache before it runs.
const modules = ['app/run-control.ts', 'app/tenant.ts', 'monitor/ingest-worker.ts', 'database/message-log-opener.ts']
for (const module of modules) await import(`../src/${module}`).catch(() => undefined)
process.exit(0)
