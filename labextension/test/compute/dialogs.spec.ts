import { Dialog } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';

import { askForMore, chooseProfile } from '../../src/compute/dialogs';
import type { ComputeModel } from '../../src/compute/model';
import type { TicketIn } from '../../src/compute/schemas';
import {
  budget,
  lease,
  MemoryAllowance,
  MemoryClient,
  modelOf,
  options,
  profile,
  ticket
} from './fixtures';

const trans = nullTranslator.load('orrery');

let allowance: MemoryAllowance;
let client: MemoryClient;
let model: ComputeModel;

beforeEach(async () => {
  allowance = new MemoryAllowance();
  client = new MemoryClient();
  model = modelOf(client, allowance);
  await model.refresh();
});

afterEach(() => Dialog.flush());

/** Until a condition holds: what is drawn comes a moment later, on a busy machine a long one. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}

const dialog = (): HTMLElement =>
  document.querySelector<HTMLElement>('.orrery-form-dialog')!;

const says = (words: string): boolean => !!dialog()?.textContent?.includes(words);

function choose(slug: string): void {
  dialog().querySelector<HTMLInputElement>(`input[value="${slug}"]`)!.click();
}

function press(label: string): void {
  const buttons = [...dialog().querySelectorAll('button')];
  buttons.find(node => node.textContent?.includes(label))!.click();
}

async function open(): Promise<{ result: Promise<TicketIn | null> }> {
  const result = chooseProfile(model, trans);
  await until(() => !!dialog()?.querySelector('input[type="radio"]'));
  return { result };
}

it('chooses a profile, and starts without asking unless that is turned off', async () => {
  const first = await open();
  choose('two');
  press('Move Server');
  expect(await first.result).toEqual({
    options: options('two'),
    auto_claim: true
  });
  const second = await open();
  choose('two');
  dialog().querySelector<HTMLInputElement>('input[name="start"]')!.click();
  press('Move Server');
  expect((await second.result)?.auto_claim).toBe(false);
});

it('says what is free, what it costs and why it waits', async () => {
  client.choices = {
    ...client.choices,
    profiles: [
      profile('one'),
      profile('two', { price_micros: 1_250_000, currency: 'EUR' }),
      profile('full', {
        cause: 'no_device',
        reason: 'All devices are in use.',
        may_queue: true,
        wait: { place: 2, low_seconds: 300, high_seconds: 1_200 }
      }),
      profile('never', { cause: 'project', reason: 'It needs a project.' })
    ]
  };
  await model.refresh();
  const { result } = await open();
  const words = dialog().textContent ?? '';
  for (const fact of [
    'This server has it now',
    '2 of 6 free · 1.25 EUR an hour',
    'All devices are in use. · expected in 5 min to 20 min'
  ]) {
    expect(words).toContain(fact);
  }
  const isOff = (slug: string): boolean =>
    dialog().querySelector<HTMLInputElement>(`input[value="${slug}"]`)!.disabled;
  expect(['one', 'two', 'full', 'never'].map(isOff)).toEqual([
    true,
    false,
    false,
    true
  ]);
  press('Cancel');
  expect(await result).toBeNull();
});

it('shows where a request stands that was made already', async () => {
  client.tickets = [ticket(3, { profile: 'two', place: 4, server_name: '' })];
  await model.refresh();
  const { result } = await open();
  expect(dialog().textContent).toMatch(/requested · Place 4, expected in/);
  press('Cancel');
  expect(await result).toBeNull();
});

it('works for the project of before, or for one that the pool asks for', async () => {
  client.leases = [lease({ project: 'churn' })];
  client.choices = {
    ...client.choices,
    profiles: [
      profile('same', { projects: ['a', 'churn'], needs_project: true }),
      profile('other', { projects: ['a', 'b'], needs_project: true })
    ]
  };
  await model.refresh();
  for (const [slug, project] of [
    ['same', 'churn'],
    ['other', 'a']
  ]) {
    const { result } = await open();
    choose(slug);
    await until(() => dialog().querySelector('select')?.value === project);
    press('Move Server');
    expect((await result)?.options).toEqual(options(slug, { project }));
  }
});

it('takes along what was chosen last, as far as the profile takes it', async () => {
  const last = options('one', {
    image: 'torch',
    tag: '2',
    environment: { A: '1' },
    startup_script: 'true',
    datasets: ['wine', 'iris']
  });
  const wine = { name: 'wine', description: '', path: '/wine', is_read_only: true };
  const strict = { may_set_environment: false, may_set_startup_script: false };
  client.choices = {
    ...client.choices,
    last,
    profiles: [
      profile('open', { images: ['torch'], datasets: [wine] }),
      profile('strict', strict)
    ]
  };
  await model.refresh();
  for (const [slug, taken] of [
    ['open', { ...last, profile: 'open', datasets: ['wine'] }],
    ['strict', options('strict')]
  ] as const) {
    const { result } = await open();
    choose(slug);
    press('Move Server');
    expect((await result)?.options).toEqual(taken);
  }
});

it('goes nowhere without a profile', async () => {
  const { result } = await open();
  press('Move Server');
  await until(() => says('Choose a profile.'));
  press('Cancel');
  expect(await result).toBeNull();
});

it('asks for more of a budget in hours', async () => {
  const result = askForMore(model, budget(), trans);
  await until(() => says('12.5 of 100 device hours left'));
  press('Send Request');
  await until(() => says('Give a number above zero.'));
  const field = dialog().querySelector<HTMLInputElement>('input[name="amount"]')!;
  const set = Object.getOwnPropertyDescriptor(
    HTMLInputElement.prototype,
    'value'
  )!.set!;
  set.call(field, '1.5');
  field.dispatchEvent(new Event('input', { bubbles: true }));
  await until(() => field.value === '1.5');
  press('Send Request');
  expect(await result).toBe(true);
  expect(allowance.amounts).toEqual([90]);
});
