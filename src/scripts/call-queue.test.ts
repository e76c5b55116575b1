import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { createCallQueue } from './call-queue.ts'

const call = (name: string, hasEffects = false) => ({ name, deaths: 0, hasEffects })
const namesOf = (calls: readonly { readonly name: string }[]): readonly string[] => calls.map(({ name }) => name)

function queueWith(...calls: readonly ReturnType<typeof call>[]) {
  const queue = createCallQueue<ReturnType<typeof call>>(3)
  for (const each of calls) queue.add(each)
  return queue
}

describe('the queue of script calls', () => {
  it('sends as many as may be at work', () => {
    const [a, b, c, d] = [call('a'), call('b'), call('c'), call('d')]
    const queue = queueWith(a, b, c, d)
    assert.deepEqual([queue.take(), queue.take(), queue.take(), queue.take()], [a, b, c, undefined])
    queue.done(b)
    assert.equal(queue.take(), d)
  })

  it('tries the calls of a dead host again one by one, and gives up the one that kills it again', () => {
    const [good, bad, later] = [call('good'), call('bad'), call('later')]
    const queue = queueWith(good, bad, later)
    queue.take()
    queue.take()
    assert.deepEqual(queue.hostDied([good, bad]), [])
    assert.equal(queue.take(), good)
    assert.equal(queue.take(), undefined, 'nobody runs beside a suspect')
    queue.done(good)
    assert.equal(queue.take(), bad)
    assert.deepEqual(namesOf(queue.hostDied([bad])), ['bad'])
    assert.equal(queue.take(), later)
  })

  it('runs nothing again that changed something outside', () => {
    const [pure, changed] = [call('pure'), call('changed', true)]
    const queue = queueWith(pure, changed)
    queue.take()
    queue.take()
    assert.deepEqual(namesOf(queue.sendAgain([pure, changed])), ['changed'])
    queue.done(changed)
    assert.equal(queue.take(), pure)
    const dying = queueWith(call('x', true))
    const sent = dying.take()
    assert.deepEqual(namesOf(dying.hostDied(sent === undefined ? [] : [sent])), ['x'])
    assert.ok(dying.idle())
  })

  it('does not blame calls whose host was ended for another', () => {
    const one = call('one')
    const queue = queueWith(one)
    for (let times = 0; times < 3; times += 1) {
      assert.equal(queue.take(), one)
      assert.deepEqual(queue.sendAgain([one]), [])
    }
    assert.equal(one.deaths, 0)
  })
})
