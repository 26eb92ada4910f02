/**
 * Failures, use and limits of servers as a person reads and writes them.
 */
import type { Failure } from '../../admin/schemas';
import { CAUSES, detailOf, lengthText, STAGES } from '../../admin/views/failures/words';
import { wholeNumber } from '../../admin/views/use/limits';
import {
  cpuText,
  deviceText,
  memoryText,
  ofText,
  STATES
} from '../../admin/views/use/words';

const FAILURE: Failure = {
  id: 1,
  person: 'ada',
  server: '',
  project: '',
  pool: 'gpu',
  profile: 'large',
  stage: 'start',
  cause: {
    kind: 'image',
    text: 'The image cannot be fetched.',
    remedy: '',
    values: {}
  },
  node: '',
  began: '2026-11-21T00:00:00Z',
  at: '2026-11-21T00:00:40Z',
  exit_status: null,
  handled_at: null,
  handled_by: ''
};

it('says how long a start took', () => {
  expect(lengthText(FAILURE)).toBe('40 s');
  expect(lengthText({ ...FAILURE, at: '2026-11-21T00:15:10Z' })).toBe('15 min');
});

it('says what the machine said', () => {
  expect(detailOf(FAILURE)).toBe('');
  const cause = { ...FAILURE.cause, values: { detail: 'Back-off' } };
  expect(detailOf({ ...FAILURE, cause })).toBe('Back-off');
});

it('has a name for everything', () => {
  for (const name of [CAUSES, STAGES, STATES].flatMap(names => Object.values(names))) {
    expect(name).toMatch(/^[A-Z][\w -]+$/);
  }
  const names = Object.values(CAUSES);
  expect(new Set(names).size).toBe(names.length);
});

it.each([
  ['15', 15],
  [' 120 ', 120],
  ['14', undefined],
  ['1.5', undefined],
  ['', undefined],
  ['43201', undefined],
  ['x', undefined]
] as const)('reads the limit %p', (text, number) => {
  expect(wholeNumber(text, 15, 43_200)).toBe(number);
});

it('says how much is used of what is held', () => {
  expect(ofText(1_500, 8_000, cpuText)).toBe('1.5 of 8');
  expect(ofText(null, 65_536, memoryText)).toBe('– of 64 GiB');
  expect(deviceText(505)).toBe('51 %');
  expect(deviceText(null)).toBe('Not measured');
});
