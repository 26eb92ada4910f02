import { nullTranslator } from '@jupyterlab/translation';

import { statusFacts } from '../../src/compute/status';
import {
  budgetText,
  durationText,
  minutesToCull,
  rangeText,
  resourceFacts,
  ticketStanding,
  ticketTitle
} from '../../src/compute/texts';
import {
  budget,
  GIB,
  inMinutes,
  MemoryAllowance,
  MemoryClient,
  modelOf,
  notice,
  offer,
  ticket
} from './fixtures';

const trans = nullTranslator.load('orrery');

it.each([
  [{ devices: 1, cpu: 1, memory_bytes: GIB }, '1 device, 1 CPU, 1 GiB memory'],
  [
    { devices: 2, cpu: 0.5, memory_bytes: 1.5 * GIB },
    '2 devices, 0.5 CPU, 1.5 GiB memory'
  ],
  [{ devices: 0, cpu: 0, memory_bytes: 0 }, '']
])('says what a server has: %j', (resources, text) => {
  expect(resourceFacts(resources, trans).join(', ')).toBe(text);
});

it.each([
  [0, '1 min'],
  [61, '2 min'],
  [3_600, '60 min'],
  [7_200, '2 h'],
  [9_000, '2.5 h']
])('says how long %s seconds are', (seconds, text) => {
  expect(durationText(seconds, trans)).toBe(text);
});

it('says a range, or about one length', () => {
  expect(rangeText(300, 1_200, trans)).toBe('5 min to 20 min');
  expect(rangeText(50, 60, trans)).toBe('about 1 min');
});

it('says what a request is for and where it stands', () => {
  expect(ticketTitle(ticket(1), trans)).toBe('2 devices of Training');
  expect(ticketTitle(ticket(1, { devices: 0 }), trans)).toBe('Room in Training');
  expect(ticketStanding(ticket(1), trans)).toBe('Place 3, expected in 5 min to 20 min');
  expect(ticketStanding(ticket(1, { wait: null }), trans)).toBe('Place 3');
  expect(ticketStanding(ticket(1, { place: null }), trans)).toBe('');
  expect(ticketStanding(offer(1), trans)).toMatch(/^Claim it until .+/);
  expect(ticketStanding(ticket(1, { state: 'claimed' }), trans)).toBe('');
});

it.each([
  [budget(), '12.5 of 100 device hours left'],
  [budget({ granted: 600, used: 9_000 }), '0 of 110 device hours left'],
  [
    budget({ resource: 'money', limit: 20_000_000, used: 500_000 }),
    '19.5 of 20 EUR left'
  ]
])('says what is left of a budget', (given, text) => {
  expect(budgetText(given, 'EUR', trans)).toBe(text);
});

it('says in how many minutes an idle server is stopped', () => {
  const allowance = new MemoryAllowance();
  expect(minutesToCull(null)).toBeNull();
  return allowance.use().then(use => expect(minutesToCull(use)).toBe(12));
});

describe('the status bar', () => {
  it('says nothing in a lab without a pool', async () => {
    const client = new MemoryClient();
    client.leases = [];
    const model = modelOf(client);
    expect(statusFacts(model, trans, true)).toEqual([]);
    await model.refresh();
    expect(statusFacts(model, trans, true)).toEqual([]);
  });

  it('says each thing only where the server offers it', async () => {
    const client = new MemoryClient();
    client.tickets = [ticket(7)];
    const model = modelOf(client);
    await model.refresh();
    expect(statusFacts(model, trans, true)).toEqual([
      'Training',
      'place 3 for Training'
    ]);
  });

  it('says pool, use, budget and the end of an idle server', async () => {
    const client = new MemoryClient();
    const allowance = new MemoryAllowance();
    const model = modelOf(client, allowance);
    client.tickets = [ticket(6), offer(7)];
    client.told = [notice(1)];
    await model.refresh();
    expect(statusFacts(model, trans, true)).toEqual([
      'Training',
      'claim Training',
      'device 84 %',
      '2.0 GiB',
      '13 % of budget left',
      'stops in 12 min'
    ]);
  });

  it('says only what is urgent to who wants no details', async () => {
    const allowance = new MemoryAllowance();
    allowance.cullAt = inMinutes(90);
    const model = modelOf(new MemoryClient(), allowance);
    await model.refresh();
    expect(statusFacts(model, trans, false)).toEqual([
      'Training',
      '13 % of budget left'
    ]);
    allowance.budgetsNow = [budget({ percent: 10 })];
    await model.refresh();
    expect(statusFacts(model, trans, false)).toEqual(['Training']);
  });
});
