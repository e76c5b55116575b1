import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DeploymentStore, ScheduleStore } from '../../src/runtime/index.ts'

const put = (store: DeploymentStore, artifactId: string, taskId: string, content = 'zip') =>
  store.put({
    artifactId,
    type: 'IntegrationFlow',
    packageId: 'Sales',
    name: artifactId,
    version: '1.0.0',
    content: Buffer.from(content),
    deployedBy: 'ann',
    deployedAt: 5,
    taskId,
  })

const fault = {
  code: 'flow.invalid',
  message: 'It has problems.',
  remedy: 'Correct them.',
  problems: [{ code: 'c', message: 'm', remedy: 'r', place: 'file.iflw:3' }],
}

/** What every store of deployments must do. */
export function deploymentContract(open: () => Promise<DeploymentStore>): void {
  describe('DeploymentStore', () => {
    it('puts what is to run under a growing generation', async () => {
      const store = await open()
      const first = await put(store, 'A', 'task-1')
      const second = await put(store, 'B', 'task-2')
      const third = await put(store, 'A', 'task-3', 'new zip')
      assert.ok(first.generation < second.generation && second.generation < third.generation)
      assert.deepEqual(third, {
        artifactId: 'A',
        type: 'IntegrationFlow',
        packageId: 'Sales',
        name: 'A',
        version: '1.0.0',
        generation: third.generation,
        deployedBy: 'ann',
        deployedAt: 5,
        status: 'STARTING',
        fault: undefined,
        logLevel: 'INFO',
        taskId: 'task-3',
      })
      assert.deepEqual(await store.list(), [third, second])
      assert.deepEqual(await store.find('A'), third)
      assert.deepEqual(await store.content('A'), Buffer.from('new zip'))
      await store.remove('A')
      assert.ok((await put(store, 'A', 'task-4')).generation > third.generation, 'a removed generation comes back')
    })

    it('draws different generations at the same time', async () => {
      const store = await open()
      const puts = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => put(store, `A${n % 3}`, `task-${n}`)))
      assert.equal(new Set(puts.map(({ generation }) => generation)).size, 6)
    })

    it('reports how it went, with endpoints, and closes the task', async () => {
      const store = await open()
      const { generation } = await put(store, 'A', 'task-1')
      assert.deepEqual(await store.task('task-1'), { taskId: 'task-1', artifactId: 'A', status: 'DEPLOYING' })
      const endpoints = [
        { artifactId: 'A', protocol: 'HTTPS', path: '/http/b' },
        { artifactId: 'A', protocol: 'HTTPS', path: '/http/a' },
      ]
      await store.report({ artifactId: 'A', generation, status: 'STARTED', fault: undefined, endpoints })
      assert.equal((await store.task('task-1'))?.status, 'SUCCESS')
      assert.equal((await store.find('A'))?.status, 'STARTED')
      assert.deepEqual(
        (await store.endpoints()).map(({ path }) => path),
        ['/http/a', '/http/b'],
      )
      await store.report({ artifactId: 'A', generation, status: 'ERROR', fault, endpoints: [] })
      assert.deepEqual((await store.find('A'))?.fault, fault)
      assert.deepEqual(await store.endpoints(), [])
      assert.equal(await store.task('none'), undefined)
    })

    it('a newer deployment ignores the report of an older and fails its task', async () => {
      const store = await open()
      const old = await put(store, 'A', 'task-1')
      const fresh = await put(store, 'A', 'task-2')
      await store.report({ artifactId: 'A', generation: old.generation, status: 'ERROR', fault, endpoints: [] })
      assert.deepEqual(await store.find('A'), fresh)
      assert.equal((await store.task('task-1'))?.status, 'FAIL')
      await store.report({ artifactId: 'A', generation: fresh.generation, status: 'ERROR', fault, endpoints: [] })
      assert.equal((await store.task('task-2'))?.status, 'FAIL')
      const again = await put(store, 'A', 'task-3')
      assert.equal(again.fault, undefined)
    })

    it('keeps the log level over deployments', async () => {
      const store = await open()
      await put(store, 'A', 'task-1')
      assert.equal(await store.setLogLevel('A', 'TRACE'), true)
      assert.equal(await store.setLogLevel('B', 'TRACE'), false)
      assert.equal((await put(store, 'A', 'task-2')).logLevel, 'TRACE')
    })

    it('keeps the content that started last beside one that did not start', async () => {
      const store = await open()
      const first = await put(store, 'A', 'task-1', 'works')
      assert.equal(await store.startedContent('A'), undefined)
      const report = { artifactId: 'A', fault: undefined, endpoints: [] }
      await store.report({ ...report, generation: first.generation, status: 'STARTED' })
      const second = await put(store, 'A', 'task-2', 'broken')
      await store.report({ ...report, generation: second.generation, status: 'ERROR' })
      assert.deepEqual(await store.startedContent('A'), Buffer.from('works'))
      assert.deepEqual(await store.content('A'), Buffer.from('broken'))
    })

    it('removes a deployment with its content, endpoints and open task', async () => {
      const store = await open()
      const { generation } = await put(store, 'A', 'task-1')
      const endpoints = [{ artifactId: 'A', protocol: 'HTTPS', path: '/http/a' }]
      await store.report({ artifactId: 'A', generation, status: 'STARTING', fault: undefined, endpoints })
      assert.equal(await store.remove('A'), true)
      assert.equal(await store.remove('A'), false)
      assert.deepEqual([await store.content('A'), await store.endpoints(), await store.list()], [undefined, [], []])
      assert.equal((await store.task('task-1'))?.status, 'FAIL')
    })
  })
}

/** What every store of schedules must do. */
export function scheduleContract(open: () => Promise<ScheduleStore>): void {
  describe('ScheduleStore', () => {
    it('gives a tick to the first and to nobody else', async () => {
      const store = await open()
      const claims = await Promise.all(['a', 'b', 'c'].map((node) => store.claim('flow', 100, node)))
      assert.equal(claims.filter(Boolean).length, 1)
      assert.equal(await store.claim('flow', 101, 'a'), true)
      assert.equal(await store.claim('other', 100, 'a'), true)
    })

    it('forgets old ticks, but never the last one of a schedule', async () => {
      const store = await open()
      await store.claim('cron', 100, 'a')
      await store.claim('cron', 200, 'a')
      await store.claim('once', 3, 'a')
      await store.expire(1_000)
      assert.equal(await store.claim('cron', 100, 'b'), true)
      assert.equal(await store.claim('cron', 200, 'b'), false)
      assert.equal(await store.claim('once', 3, 'b'), false)
    })
  })
}
