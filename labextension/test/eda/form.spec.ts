import { Dialog } from '@jupyterlab/apputils';
import { framePromise } from '@jupyterlab/testing';

import type { IFormResult } from '../../src/eda/context';
import { askOptions } from '../../src/eda/form';
import { DEFAULTS } from '../../src/eda/source';
import { source, trans } from './fixtures';

async function drawn(): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, 20));
  await framePromise();
}

let answer: Promise<IFormResult | null>;

async function ask(name: string | null, names: readonly string[] = []): Promise<void> {
  answer = askOptions({
    trans,
    source: name === null ? null : source(name),
    names,
    options: DEFAULTS
  });
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
      [...dialog().querySelectorAll('datalist option')].map(one =>
        one.getAttribute('value')
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
      sheet: '',
      name: 'wine.parquet',
      reading: null
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

  it('gives nothing when the person gives up', async () => {
    await ask('wine.csv');
    dialog().querySelector<HTMLElement>('.jp-mod-reject')!.click();
    expect(await answer).toBeNull();
  });
});
