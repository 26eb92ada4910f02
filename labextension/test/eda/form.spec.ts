import { Dialog } from '@jupyterlab/apputils';
import { framePromise } from '@jupyterlab/testing';

import { toError } from '../../src/base/errors';
import type { IFormResult } from '../../src/eda/context';
import { askOptions } from '../../src/eda/form';
import { UNKNOWN } from '../../src/eda/readingoptions';
import { DEFAULTS } from '../../src/eda/source';
import { source, trans } from './fixtures';

async function drawn(): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, 20));
  await framePromise();
}

const NO_OPTIONS = {
  delimiter: null,
  quote: null,
  escape: null,
  encoding: null,
  decimal: null,
  thousands: null,
  header: null,
  skip: null,
  comment: null,
  na: null,
  day_first: null,
  date_order: null
};

let answer: Promise<IFormResult | null>;
let refusal: Error | null;

beforeEach(() => (refusal = null));

async function ask(name: string | null, names: readonly string[] = []): Promise<void> {
  let started: IFormResult | null = null;
  const asked = askOptions({
    trans,
    source: name === null ? null : source(name),
    known: { ...UNKNOWN, names },
    options: DEFAULTS,
    start: chosen => {
      started = chosen;
      return refusal ? Promise.reject(refusal) : Promise.resolve();
    }
  });
  answer = asked.then(isStarted => (isStarted ? started : null));
  await drawn();
}

const dialog = (): HTMLElement => document.querySelector<HTMLElement>('.jp-Dialog')!;
const field = (label: string): HTMLInputElement => {
  const id = [...dialog().querySelectorAll('label')]
    .find(({ textContent }) => textContent === label)!
    .getAttribute('for')!;
  return document.getElementById(id) as HTMLInputElement;
};
const tick = (label: string): void =>
  [...dialog().querySelectorAll<HTMLElement>('.orrery-eda-tick')]
    .find(({ textContent }) => textContent === label)!
    .querySelector('input')!
    .click();

function type(input: HTMLInputElement, text: string): void {
  const { prototype } =
    input.tagName === 'SELECT' ? HTMLSelectElement : HTMLInputElement;
  Object.getOwnPropertyDescriptor(prototype, 'value')!.set!.call(input, text);
  input.dispatchEvent(
    new Event(input.tagName === 'SELECT' ? 'change' : 'input', { bubbles: true })
  );
}

afterEach(() => Dialog.flush());

async function accept(): Promise<void> {
  dialog().querySelector<HTMLElement>('.jp-mod-accept')!.click();
  await drawn();
}

describe('the form', () => {
  it('gives the options as they are when nothing is changed', async () => {
    await ask('wine.csv');
    expect(dialog().textContent).toContain('Profile "wine.csv"');
    await accept();
    const chosen = await answer;
    expect(chosen).toMatchObject({ source: { name: 'wine.csv' }, full: false });
    expect(chosen?.options).toEqual(DEFAULTS);
  });

  it('takes sections, nulls, target, sample, budget and the full report', async () => {
    await ask('wine.csv', ['price', 'city']);
    expect(
      [...dialog().querySelectorAll('.orrery-form > fieldset > datalist option')].map(
        one => one.getAttribute('value')
      )
    ).toEqual(['price', 'city']);
    tick('Text');
    type(field('Missing values in pairs'), 'mean');
    type(field('Target'), 'price');
    type(field('Time limit in seconds'), '');
    type(field('Time limit in seconds'), '7');
    type(field('Rows to look at'), '1000');
    tick('Make the full report, too (takes minutes)');
    await drawn();
    tick('Let the Spark cluster of the environment make it');
    await drawn();
    await accept();
    expect(await answer).toMatchObject({
      full: true,
      options: {
        sections: ['preliminary', 'univariate', 'bivariate', 'multivariate'],
        nulls: 'mean',
        target: 'price',
        seconds: 7,
        sample: 1_000,
        cluster: true
      }
    });
  });

  it('keeps one section: a profile of nothing is none', async () => {
    await ask('wine.csv');
    for (const label of ['Text', 'Pairs of columns', 'Each column']) {
      tick(label);
    }
    tick('Duplicates and missing patterns');
    await drawn();
    const last = dialog().querySelector<HTMLInputElement>('fieldset input:checked')!;
    expect(last.disabled).toBe(true);
    await accept();
    expect((await answer)?.options.sections).toEqual(['preliminary']);
  });

  it('asks where the data are, and stays open until that is said', async () => {
    await ask(null);
    await accept();
    expect(dialog().querySelector('[role=alert]')?.textContent).toContain('Say where');
    expect(document.activeElement).toBe(field('Location'));
    type(field('Where'), 'lake');
    await drawn();
    type(field('Location'), ' lake://raw/wine.parquet ');
    await drawn();
    expect(dialog().querySelector('[role=alert]')).toBeNull();
    await accept();
    expect((await answer)?.source).toEqual({
      kind: 'lake',
      location: 'raw/wine.parquet',
      table: '',
      reading: null,
      sheet: '',
      name: 'wine.parquet'
    });
  });

  it('asks for the table of a database, and for the sheet of an Excel file', async () => {
    await ask(null);
    type(field('Where'), 'table');
    await drawn();
    type(field('Location'), 'sqlite:///shop.db');
    type(field('Table'), 'orders');
    await drawn();
    await accept();
    expect((await answer)?.source).toMatchObject({ kind: 'table', table: 'orders' });
    await ask('wine.xlsx');
    type(field('Sheet'), 'May');
    await drawn();
    await accept();
    expect((await answer)?.source).toMatchObject({ name: 'wine.xlsx', sheet: 'May' });
  });

  it.each([
    ['not_found', 'There is no file "wien.csv"', true],
    ['invalid', 'A path ends in the lab', true],
    ['too_many', 'Too many runs wait', false]
  ])(
    'keeps what was typed when the start is refused (%s)',
    async (code, message, goes) => {
      await ask(null);
      type(field('Location'), 'wien.csv');
      type(field('Target'), 'price');
      await drawn();
      field('Target').focus();
      refusal = toError({ code, message });
      await accept();
      expect(dialog().querySelector('[role=alert]')?.textContent).toContain(message);
      expect(field('Location').value).toBe('wien.csv');
      expect(field('Target').value).toBe('price');
      expect(document.activeElement).toBe(field(goes ? 'Location' : 'Target'));
      refusal = null;
      type(field('Location'), 'wine.csv');
      await accept();
      expect(await answer).toMatchObject({
        source: { location: 'wine.csv' },
        options: { target: 'price' }
      });
    }
  );

  it('gives nothing when the person gives up', async () => {
    await ask('wine.csv');
    dialog().querySelector<HTMLElement>('.jp-mod-reject')!.click();
    expect(await answer).toBeNull();
  });

  it('shows how text was read, and gives what the person changes', async () => {
    const assumed = { ...NO_OPTIONS, delimiter: ',', encoding: 'cp1252', header: 1 };
    let started: IFormResult | null = null;
    const shown = askOptions({
      trans,
      source: source('wine.csv'),
      known: { ...UNKNOWN, reading: assumed },
      options: DEFAULTS,
      start: chosen => {
        started = chosen;
        return Promise.resolve();
      },
      isReading: true
    });
    answer = shown.then(() => started);
    await drawn();
    expect(field('Delimiter').value).toBe(',');
    expect(field('Encoding').value).toBe('cp1252');
    type(field('Delimiter'), 'two');
    await drawn();
    await accept();
    expect(dialog().textContent).toContain('Write one sign');
    type(field('Delimiter'), ';');
    await drawn();
    await accept();
    expect((await answer)?.source.reading).toEqual({ ...NO_OPTIONS, delimiter: ';' });
  });
});
