import assert from 'node:assert/strict'
import { test } from 'node:test'

import { compileDateParse } from './parse.ts'

const now = () => Date.UTC(2026, 0, 1)

/** What SimpleDateFormat of Java 17 reads with the locale en-US: pattern, zone, text, milliseconds. */
const read: readonly (readonly [pattern: string, zone: string, text: string, millis: number])[] = [
  ['yyyy-MM-dd', 'UTC', '2024-02-30', 1_709_251_200_000],
  ['yyyy-MM-dd', 'UTC', '2024-13-01', 1_735_689_600_000],
  ['yyyy-MM-dd', 'UTC', '0001-01-01', -62_135_769_600_000],
  ['yyyyMMdd', 'UTC', '20240229', 1_709_164_800_000],
  ['yyyyMMdd', 'UTC', '2024022', 1_706_832_000_000],
  ['yyyyMMdd', 'UTC', '202402299', 1_732_492_800_000],
  ['dd.MM.yy', 'UTC', '01.02.24', 1_706_745_600_000],
  ['dd.MM.yy', 'UTC', '01.02.70', 2_678_400_000],
  ['dd.MM.yyyy', 'UTC', '1.2.24', -61_407_331_200_000],
  ["yyyy-MM-dd'T'HH:mm:ss", 'Europe/Berlin', '2024-03-31T02:30:00', 1_711_848_600_000],
  ["yyyy-MM-dd'T'HH:mm:ss", 'Europe/Berlin', '2024-10-27T02:30:00', 1_729_992_600_000],
  ["yyyy-MM-dd'T'HH:mm:ssXXX", 'UTC', '2024-10-27T02:30:00+02:00', 1_729_989_000_000],
  ["yyyy-MM-dd'T'HH:mm:ssXXX", 'UTC', '2024-10-27T02:30:00Z', 1_729_996_200_000],
  ["yyyy-MM-dd'T'HH:mm:ssX", 'UTC', '2024-10-27T02:30:00-05', 1_730_014_200_000],
  ["yyyy-MM-dd'T'HH:mm:ssZ", 'UTC', '2024-10-27T02:30:00+0530', 1_729_976_400_000],
  ["yyyy-MM-dd'T'HH:mm:ss.SSSZ", 'UTC', '2024-10-27T02:30:00.5+0530', 1_729_976_400_005],
  ['EEE, d MMM yyyy HH:mm:ss z', 'UTC', 'Fri, 21 Nov 2025 03:15:00 GMT', 1_763_694_900_000],
  ['EEE, d MMM yyyy HH:mm:ss z', 'UTC', 'Fri, 21 Nov 2025 03:15:00 CET', 1_763_691_300_000],
  ['EEE, d MMM yyyy HH:mm:ss z', 'UTC', 'Fri, 21 Nov 2025 03:15:00 GMT+02:00', 1_763_687_700_000],
  ['EEE, d MMM yyyy HH:mm:ss z', 'UTC', 'Fri, 21 Nov 2025 03:15:00 PST', 1_763_723_700_000],
  ['d MMMM yyyy', 'UTC', '5 september 2024', 1_725_494_400_000],
  ['d MMMM yyyy', 'UTC', '5 Sep 2024', 1_725_494_400_000],
  ['d MMM yyyy', 'UTC', '5 September 2024', 1_725_494_400_000],
  ['hh:mm a', 'UTC', '12:30 AM', 1_800_000],
  ['hh:mm a', 'UTC', '12:30 pm', 45_000_000],
  ['KK:mm a', 'UTC', '00:30 pm', 45_000_000],
  ['kk:mm', 'UTC', '24:30', 1_800_000],
  ['HH:mm', 'UTC', '25:61', 93_660_000],
  ['yyyy-MM-dd', 'UTC', '  2024-01-02', 1_704_153_600_000],
  ['yyyy-MM-dd', 'UTC', '2024-01-02T10:00:00', 1_704_153_600_000],
  ['D yyyy', 'UTC', '60 2024', 1_709_164_800_000],
  ['YYYY-ww-u', 'UTC', '2024-10-3', 1_709_683_200_000],
  ['yyyy-MM-dd G', 'UTC', '0044-03-15 BC', -63_517_996_800_000],
  ['yyyyMMddHHmmssSSS', 'UTC', '20240102030405678', 1_704_164_645_678],
  ['HH:mm:ss:SSS', 'UTC', '01:02:03:4', 3_723_004],
  ['yyMMdd', 'UTC', '240102', 1_704_153_600_000],
  ['MM/dd/yyyy', 'UTC', '1/2/2024', 1_704_153_600_000],
  ["yyyy-MM-dd'T'HH:mm:ss'Z'", 'UTC', '2024-01-02T03:04:05Z', 1_704_164_645_000],
  ['yyyy-MM-dd HH:mm', 'UTC', '2024-01-02  03:04', 1_704_164_640_000],
  ['yyyy MM', 'UTC', '-5 03', -62_320_060_800_000],
  ['yyyy-MM-dd', 'UTC', '1500-02-29', -14_825_894_400_000],
  ['yyyy-MM-dd', 'UTC', '1582-10-10', -12_218_860_800_000],
  ['yyyy-MM-dd', 'Asia/Kolkata', '2024-01-02', 1_704_133_800_000],
  ['y', 'UTC', '24', 1_704_067_200_000],
  ['yy', 'UTC', '2024', 1_704_067_200_000],
  ['dd-MMM-yy', 'UTC', '02-JAN-99', 915_235_200_000],
  ['EEE', 'UTC', 'Wed', 518_400_000],
]

for (const [pattern, zone, text, millis] of read)
  test(`'${text}' as ${pattern} in ${zone} is ${millis}`, () => {
    assert.equal(compileDateParse(pattern, zone, now)(text), millis)
  })

const refused: readonly (readonly [pattern: string, text: string])[] = [
  ['yyyy-MM-dd', '2024/01/02'],
  ['yyyy-MM-dd', ''],
  ['yyyy-MM-dd', 'abc'],
]

for (const [pattern, text] of refused)
  test(`'${text}' is no date of the form ${pattern}`, () => {
    assert.throws(() => compileDateParse(pattern, 'UTC', now)(text), { code: 'languages.dateMalformed' })
  })

test('a pattern that Java refuses is refused', () => {
  assert.throws(() => compileDateParse("yyyy-MM-dd'T"), { code: 'languages.datePatternMalformed' })
})
