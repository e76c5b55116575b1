import assert from 'node:assert/strict'
import { test } from 'node:test'

import { instantOf, zoneOf } from './zones.ts'

const winter = Date.UTC(2024, 0, 15)
const summer = Date.UTC(2024, 6, 15)
const hours = 3_600_000

const zones: readonly (readonly [id: string, winter: number, summer: number, name: string, iana: string])[] = [
  ['UTC', 0, 0, 'UTC', 'UTC'],
  ['GMT', 0, 0, 'GMT', 'UTC'],
  ['Etc/GMT', 0, 0, 'GMT', 'UTC'],
  ['Europe/Berlin', 1, 2, 'CEST', 'Europe/Berlin'],
  ['IST', 5.5, 5.5, 'IST', 'Asia/Kolkata'],
  ['CST', -6, -5, 'CDT', 'America/Chicago'],
  ['EST', -5, -5, 'EST', '-05:00'],
  ['BST', 6, 6, 'BDT', 'Asia/Dhaka'],
  ['Etc/GMT+2', -2, -2, 'GMT-02:00', 'Etc/GMT+2'],
  ['GMT+2', 2, 2, 'GMT+02:00', '+02:00'],
  ['GMT-03:30', -3.5, -3.5, 'GMT-03:30', '-03:30'],
  ['GMT+0545', 5.75, 5.75, 'GMT+05:45', '+05:45'],
  ['America/Punta_Arenas', -3, -3, 'GMT-03:00', 'America/Punta_Arenas'],
]

for (const [id, winterHours, summerHours, name, ianaId] of zones)
  test(`${id} is ${winterHours} and ${summerHours} hours from UTC, and ${name} in July`, () => {
    const zone = zoneOf(id)
    assert.ok(zone)
    assert.equal(zone.offsetAt(winter), winterHours * hours)
    assert.equal(zone.offsetAt(summer), summerHours * hours)
    assert.equal(zone.shortName(summer), name)
    assert.equal(zone.ianaId, ianaId)
  })

for (const id of ['', 'Nowhere/At_All', '+02:00', 'GMT+24', 'GMT+1:99', 'UTC+2', 'constructor', '__proto__'])
  test(`'${id}' is no zone`, () => {
    assert.equal(zoneOf(id), undefined)
  })

test('a wall time that is left out is read with the offset before it, one that occurs twice in standard time', () => {
  const berlin = zoneOf('Europe/Berlin')
  assert.ok(berlin)
  assert.equal(instantOf(Date.UTC(2024, 2, 31, 2, 30), berlin), Date.UTC(2024, 2, 31, 1, 30))
  assert.equal(instantOf(Date.UTC(2024, 9, 27, 2, 30), berlin), Date.UTC(2024, 9, 27, 1, 30))
  assert.equal(instantOf(Date.UTC(2024, 9, 27, 3, 30), berlin), Date.UTC(2024, 9, 27, 2, 30))
})
