import { framePromise } from '@jupyterlab/testing';
import { StateDB } from '@jupyterlab/statedb';
import { nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import axe from 'axe-core';

import { toError } from '../../src/base/errors';
import type { PanelWidget } from '../../src/base/panel/widget';
import { addCommands } from '../../src/eda/commands';
import { addFrameCommands } from '../../src/eda/integrations';
import { createPanel } from '../../src/eda/widget';
import { UNKNOWN } from '../../src/eda/readingoptions';
import { mockLayout } from '../base/panel/layout';
import { createFixture, frame, idOf, run, source, type IFixture } from './fixtures';

let all: IFixture;
let panel: PanelWidget;
let state: StateDB;

mockLayout();

async function drawn(ms = 20): Promise<void> {
  for (let turn = 0; turn < 2; turn++) {
    await new Promise(resolve => setTimeout(resolve, ms));
    await framePromise();
  }
}

async function show(): Promise<void> {
  const options = { translator: nullTranslator, toolbar: null, state };
  panel = createPanel(all.context, options);
  Widget.attach(panel, document.body);
  await drawn();
}

const rows = (kind: string): HTMLElement[] => [
  ...panel.node.querySelectorAll<HTMLElement>(`.orrery-row[data-kind=${kind}]`)
];
const button = (text: string): HTMLElement =>
  [...panel.node.querySelectorAll('button')].find(
    node => node.textContent === text || node.getAttribute('aria-label') === text
  )!;

async function press(
  node: HTMLElement,
  key: string,
  more: KeyboardEventInit = {}
): Promise<void> {
  node.focus();
  node.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, ...more }));
  await drawn();
}

async function click(row: HTMLElement, more: MouseEventInit = {}): Promise<void> {
  const event = new MouseEvent('click', { bubbles: true, detail: 1, ...more });
  row.querySelector('.orrery-row-line')!.dispatchEvent(event);
  await drawn();
}

async function search(words: string): Promise<void> {
  const box = panel.node.querySelector<HTMLInputElement>('.jp-FilterBox')!;
  box.value = words;
  box.dispatchEvent(new Event('input', { bubbles: true }));
  await drawn(150);
}

beforeEach(() => {
  all = createFixture();
  state = new StateDB();
  addCommands(all.context);
  addFrameCommands(all.context);
  all.frames.items = [frame('df', { rows: 12_345 }), frame('lazy', { rows: null })];
  all.client.sourceList = [
    source('wine.csv', {
      run: idOf(1),
      profiled: new Date().toISOString(),
      by: 'ada'
    }),
    source('beer.csv')
  ];
  all.client.runList = [
    run(1, { alerts: 3 }),
    run(2, { task: 'checks', failing: 2, by: 'bob' }),
    run(3, { state: 'failed', error: { code: 'x', message: 'Broken' } as never })
  ];
});

afterEach(() => {
  panel.dispose();
  all.model.dispose();
});

describe('the panel', () => {
  it('shows dataframes, sources and reports with their counts', async () => {
    await show();
    expect(panel.node.querySelector('h2')?.textContent).toBe('Auto-EDA');
    const heads = [...panel.node.querySelectorAll('h3')].map(node => node.textContent);
    expect(heads).toEqual(['In analysis.ipynb2', 'Sources2', 'Reports3']);
    expect(rows('frame')[0].textContent).toContain('12,345 × 2 · pandas · 160 bytes');
    expect(rows('frame')[1].textContent).toContain('2 columns');
    expect(rows('source')[0].querySelector('time')).not.toBeNull();
    expect(rows('source')[1].textContent).toContain('new');
    expect(rows('run')[0].textContent).toContain('3 alerts');
    expect(rows('run')[1].textContent).toContain('bob · 2 checks failed');
    expect(rows('run')[2].title).toContain('Broken');
    const status = panel.node.querySelector('.orrery-status [role=status]');
    expect(status?.textContent).toBe('3 reports');
  });

  it('has no violation of the rules of accessibility', async () => {
    all.client.runList.unshift(run(4, { state: 'running', progress: 0.3 }));
    await show();
    const { violations } = await axe.run(panel.content.node, {
      // There is no layout here, and no page around it.
      rules: { 'color-contrast': { enabled: false }, region: { enabled: false } }
    });
    expect(violations.map(({ id }) => id)).toEqual([]);
  });

  it('is gone through by keyboard, over the borders of sections', async () => {
    await show();
    expect(panel.node.querySelectorAll('[role=row][tabindex="0"]')).toHaveLength(3);
    await press(rows('frame')[0], 'ArrowDown');
    await press(rows('frame')[1], 'ArrowDown');
    expect(document.activeElement).toBe(rows('source')[0]);
    await press(rows('source')[0], 'End');
    expect(document.activeElement).toBe(rows('run')[2]);
    await press(rows('run')[2], 'Home');
    expect(document.activeElement).toBe(rows('frame')[0]);
    const focusFilter = jest.spyOn(panel, 'focusFilter');
    await press(rows('frame')[0], '/');
    expect(focusFilter).toHaveBeenCalledTimes(1);
  });

  it('opens what was profiled, and profiles what was not, by Enter and by a click', async () => {
    await show();
    const { client, frames, opener } = all;
    await press(rows('source')[0], 'Enter');
    expect(opener.open).toHaveBeenLastCalledWith(idOf(1), expect.anything());
    await click(rows('run')[1]);
    expect(opener.open).toHaveBeenLastCalledWith(idOf(2), expect.anything());
    await click(rows('source')[1]);
    expect(client.started[0].source.name).toBe('beer.csv');
    await press(rows('frame')[0], 'Enter');
    expect(frames.handed).toEqual(['df']);
  });

  it('selects two rows with Shift and an arrow, or Ctrl and a click, to compare them', async () => {
    await show();
    expect(button('Compare the Two')).toBeUndefined();
    await click(rows('source')[0], { ctrlKey: true });
    await press(rows('source')[0], 'ArrowDown', { shiftKey: true });
    expect(rows('source').map(row => row.getAttribute('aria-selected'))).toEqual([
      'true',
      'true'
    ]);
    expect(panel.node.textContent).toContain('2 selected');
    await click(rows('source')[1], { ctrlKey: true });
    expect(button('Compare the Two')).toBeUndefined();
    await click(rows('source')[1], { ctrlKey: true });
    button('Compare the Two').click();
    await drawn();
    expect(all.client.started.map(({ task }) => task)).toEqual(['comparison']);
  });

  it('deletes by key once that is agreed to', async () => {
    await show();
    await press(rows('run')[0], 'Delete');
    const dialog = document.querySelector('.jp-Dialog')!;
    expect(dialog.textContent).toContain('wine.parquet');
    dialog.querySelector<HTMLElement>('.jp-mod-accept')!.click();
    await drawn();
    expect(rows('run')).toHaveLength(2);
  });

  it('shows how far a run is, and cancels it', async () => {
    all.client.runList = [run(1, { state: 'running', progress: 0.42 })];
    await show();
    expect(rows('run')[0].textContent).toContain('42%');
    const bar = rows('run')[0].querySelector('progress')!;
    expect(bar.value).toBe(0.42);
    expect(bar.getAttribute('aria-label')).toContain('wine.parquet');
    button('Cancel wine.parquet').click();
    await drawn();
    expect(rows('run')[0].textContent).toContain('Cancelled');
  });

  it('opens the menu of a row by its button', async () => {
    await show();
    const onMenu = jest.fn();
    panel.node.addEventListener('contextmenu', onMenu);
    button('More for beer.csv').click();
    expect(onMenu).toHaveBeenCalledTimes(1);
    await drawn();
    expect(all.context.selection.active).toMatchObject({ kind: 'source' });
  });

  it('collapses sections, and remembers that', async () => {
    await show();
    const [head] = panel.node.querySelectorAll<HTMLElement>('h3 > button');
    expect(head.getAttribute('aria-expanded')).toBe('true');
    head.click();
    await drawn();
    expect(rows('frame')).toEqual([]);
    panel.dispose();
    await show();
    expect(rows('frame')).toEqual([]);
    expect(rows('source')).toHaveLength(2);
  });

  it('searches all sections, and says when there is nothing', async () => {
    await show();
    await search('zzz');
    expect(panel.node.textContent).toContain('No dataframe matches.');
    expect(panel.node.textContent).toContain('No source matches.');
    expect(panel.node.textContent).toContain('No report matches.');
    button('Show all').click();
    await drawn(150);
    expect(rows('source')).toHaveLength(2);
    expect(rows('frame')).toHaveLength(2);
  });

  it.each([
    ['none', 'It has no kernel'],
    ['loading', 'Asking the kernel'],
    ['unknown', 'does not tell its dataframes'],
    ['ready', 'No dataframes yet']
  ] as const)('says what to do when there are no dataframes: %s', async (is, text) => {
    all.frames.items = [];
    all.frames.state = is;
    await show();
    expect(panel.node.textContent).toContain(text);
  });

  it('teaches what it is when there is nothing at all', async () => {
    all.client.sourceList = [];
    all.client.runList = [];
    all.frames.items = [];
    await show();
    expect(panel.node.textContent).toContain('Know your data in a minute');
    button('Profile Data…').click();
    await drawn();
    expect(all.opener.ask).toHaveBeenCalledWith(null, UNKNOWN, expect.anything());
  });

  it('says how the first source comes to be', async () => {
    all.client.sourceList = [];
    await show();
    expect(panel.node.textContent).toContain('Put a CSV or Parquet file');
    button('Profile Data…').click();
    await drawn();
    expect(all.opener.ask).toHaveBeenCalledWith(null, UNKNOWN, expect.anything());
  });

  it('says why it is empty, and tries again', async () => {
    all.client.broken = toError({ code: 'forbidden', message: 'Away', remedy: 'Wait' });
    await show();
    const alerts = [...panel.node.querySelectorAll('[role=alert]')];
    expect(alerts.map(({ textContent }) => textContent)).toEqual([
      'Sources could not be loadedAway. Wait.Try again',
      'Reports could not be loadedAway. Wait.Try again'
    ]);
    all.client.broken = null;
    alerts.forEach(alert => alert.querySelector('button')!.click());
    await drawn();
    expect([rows('run').length, rows('source').length]).toEqual([3, 2]);
    all.client.broken = toError({ code: 'forbidden', message: 'Away' });
    await all.model.refresh();
    await drawn();
    expect(rows('run')).toHaveLength(3);
    expect(panel.node.textContent).toContain('Not up to date');
  });

  it('shows that a dataframe is being handed over', async () => {
    all.frames.leaving.add('df');
    await show();
    expect(rows('frame')[0].textContent).toContain('Handing over…');
  });
});
