/**
 * Amounts and times of budgets and costs as a person writes and reads them, and what the chart of costs draws.
 */
import {
  amountInput,
  amountText,
  forecast,
  ownerOf,
  parseAmount
} from '../../admin/views/budgets/words';
import { dayOf, endOf } from '../../admin/views/budgets/dayfield';
import {
  groupsOf,
  labelOf,
  measureOf,
  sinceChoices
} from '../../admin/views/costs/sums';

const COST = {
  person: 'ann',
  project: '',
  pool: 'gpu',
  month: '2026-11',
  device_minutes: 90,
  cpu_minutes: 30,
  memory_gib_minutes: 0,
  money: 2_500_000
};

it.each([
  ['device', 90, '1.5 h'],
  ['cpu', 6_000_000, '100,000 h'],
  ['memory', 90, '1.5 GiB h'],
  ['money', 1_234_567_890, '1,234.57 EUR']
] as const)('reads %s', (resource, amount, text) => {
  expect(amountText(resource, amount, 'EUR')).toBe(text);
});

it.each([
  ['device', '1.5', 90],
  ['device', ' 1,5 ', 90],
  ['money', '0.000001', 1],
  ['memory', '0', 0],
  ['device', '', undefined],
  ['device', '-1', undefined],
  ['device', 'ten', undefined],
  ['device', '1e400', undefined],
  ['money', '1e10', undefined]
] as const)('takes %s %p as it is meant', (resource, text, amount) => {
  expect(parseAmount(resource, text)).toBe(amount);
});

it('writes an amount so that it reads it back', () => {
  for (const amount of [0, 1, 7, 59, 60, 61, 1_000_000_007]) {
    for (const resource of ['device', 'money'] as const) {
      expect(parseAmount(resource, amountInput(resource, amount))).toBe(amount);
    }
  }
});

it.each([
  [{ is_exhausted: true, minutes_left: 0 }, 'Used up'],
  [{ is_exhausted: false, minutes_left: null }, 'Nothing runs'],
  [{ is_exhausted: false, minutes_left: 7 }, 'in 7 min'],
  [{ is_exhausted: false, minutes_left: 601 }, 'in 10 h']
])('says when %p is used up', (budget, text) => {
  expect(forecast(budget)).toBe(text);
});

it('says whose a budget is', () => {
  const none = { person: '', project: '' };
  expect(ownerOf({ subject: 'everyone', ...none })).toBe('Everyone');
  expect(ownerOf({ subject: 'project', person: '', project: 'p' })).toBe('p');
  expect(ownerOf({ subject: 'person', ...none })).toBe('Removed');
});

it('takes a day until its end, and shows the day that ends', () => {
  for (const day of ['2026-10-25', '2026-12-31', '2028-02-29']) {
    expect(dayOf(endOf(day))).toBe(day);
  }
  expect(endOf('')).toBeNull();
  expect(dayOf(null)).toBe('');
  expect(new Date(endOf('2026-12-31')!).getFullYear()).toBe(2027);
});

it('groups, labels and measures sums', () => {
  expect(groupsOf('project,month')).toEqual(['project', 'month']);
  expect(labelOf(COST, 'person,project,month')).toBe('ann, no project, 2026-11');
  expect(measureOf('cpu').of(COST)).toBe(30);
  expect(measureOf('person').id).toBe('money');
});

it('begins with the months of UTC, as the service counts', () => {
  const choices = sinceChoices(new Date('2026-01-31T23:30:00-05:00'));
  expect(choices.map(([day]) => day)).toEqual([
    '2026-02-01',
    '2026-01-01',
    '2025-12-01',
    '2025-03-01',
    ''
  ]);
});
