import { framePromise } from '@jupyterlab/testing';
import { StateDB } from '@jupyterlab/statedb';
import { Widget } from '@lumino/widgets';
import axe from 'axe-core';

import { toError } from '../../src/base/errors';
import { addCommands, type IScreens } from '../../src/eda/commands';
import { addFrameCommands } from '../../src/eda/surroundings';
import { EdaPanel } from '../../src/eda/widget';
import { frame, idOf, made, run, source, type IMade } from './fixtures';

let all: IMade;
let panel: EdaPanel;
let state: StateDB;
let screens: jest.Mocked<IScreens>;

async function drawn(): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, 20));
  await framePromise();
}

async function show(): Promise<void> {
  panel = new EdaPanel(all.bench, state);
  Widget.attach(panel, document.body);
  await drawn();
}

const rows = (kind: string): HTMLElement[] => [
  ...panel.node.querySelectorAll<HTMLElement>(`.orrery-eda-row[data-kind=${kind}]`)
];
const button = (label: string): HTMLElement =>
  panel.node.querySelector<HTMLElement>(`button[aria-label="${label}"]`)!;

async function press(node: Element, key: string): Promise<void> {
  node.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  await drawn();
}

beforeEach(() => {
  all = made();
  state = new StateDB();
  screens = {
    panel: jest.fn(),
    open: jest.fn().mockResolvedValue(undefined),
    insert: jest.fn(),
    ask: jest.fn().mockResolvedValue(null)
  };
  addCommands(all.bench, screens);
  addFrameCommands(all.bench, one => screens.open(one.id));
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
    const heads = [...panel.node.querySelectorAll('h3')].map(one => one.textContent);
    expect(heads).toEqual(['In analysis.ipynb2', 'Sources2', 'Reports3']);
    expect(rows('frame')[0].textContent).toContain('12,345 × 2');
    expect(rows('frame')[1].textContent).toContain('2 columns');
    expect(rows('source')[1].textContent).toContain('new');
    expect(rows('run')[0].textContent).toContain('3 alerts');
    expect(rows('run')[1].textContent).toContain('bob · 2 checks failed');
    expect(rows('run')[2].title).toContain('Broken');
    expect(panel.node.querySelector('[role=status]')?.textContent).toBe('3 reports');
  });

  it('has no violation of the rules of accessibility', async () => {
    all.client.runList.unshift(run(4, { state: 'running', progress: 0.3 }));
    await show();
    const { violations } = await axe.run(panel.node, {
      // There is no layout here, and no page around it.
      rules: { 'color-contrast': { enabled: false }, region: { enabled: false } }
    });
    expect(violations.map(one => one.id)).toEqual([]);
  });

  it('is gone through by keyboard, over the borders of sections', async () => {
    await show();
    const tabbable = [...panel.node.querySelectorAll('[role=row][tabindex="0"]')];
    expect(tabbable).toHaveLength(3);
    rows('frame')[0].focus();
    await press(rows('frame')[0], 'ArrowDown');
    await press(rows('frame')[1], 'ArrowDown');
    expect(document.activeElement).toBe(rows('source')[0]);
    await press(rows('source')[0], 'End');
    expect(document.activeElement).toBe(rows('run')[2]);
    await press(rows('run')[2], 'Home');
    expect(document.activeElement).toBe(rows('frame')[0]);
    await press(rows('frame')[0], '/');
    expect((document.activeElement as HTMLElement).getAttribute('role')).toBe(
      'searchbox'
    );
  });

  it('opens what was profiled, and profiles what was not', async () => {
    await show();
    await press(rows('source')[0], 'Enter');
    expect(screens.open).toHaveBeenLastCalledWith(idOf(1), expect.anything());
    await press(rows('run')[1], 'Enter');
    expect(screens.open).toHaveBeenLastCalledWith(idOf(2), expect.anything());
    await press(rows('source')[1], 'Enter');
    expect(all.client.started[0].source.name).toBe('beer.csv');
    await press(rows('frame')[0], 'Enter');
    expect(all.frames.handed).toEqual(['df']);
  });

  it('picks two with the space bar to compare them', async () => {
    await show();
    expect(button('Pick two rows with Ctrl and a click to compare them')).toBeTruthy();
    await press(rows('source')[0], ' ');
    await press(rows('source')[1], ' ');
    expect(rows('source').map(one => one.getAttribute('aria-selected'))).toEqual([
      'true',
      'true'
    ]);
    expect(panel.node.querySelector('[role=status]')?.textContent).toContain(
      '2 selected'
    );
    button('Compare the two').click();
    await drawn();
    expect(all.client.started[0].task).toBe('comparison');
  });

  it('shows how far a run is, and stops it', async () => {
    all.client.runList.unshift(run(4, { state: 'running', progress: 0.3 }));
    await show();
    expect(panel.node.querySelector('progress')?.value).toBe(0.3);
    expect(rows('run')[0].textContent).toContain('30%');
    button('Cancel wine.parquet').click();
    await drawn();
    expect(panel.node.querySelector('progress')).toBeNull();
    expect(rows('run')[0].textContent).toContain('Cancelled');
  });

  it('folds sections, and remembers that', async () => {
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

  it('finds by words, and says when there is nothing', async () => {
    await show();
    all.model.search('zzz');
    await new Promise(resolve => setTimeout(resolve, 250));
    await drawn();
    expect(panel.node.textContent).toContain('No dataframe matches.');
    expect(panel.node.textContent).toContain('No source matches.');
    expect(panel.node.textContent).toContain('No report matches.');
    button('Clear search').click();
    await new Promise(resolve => setTimeout(resolve, 250));
    await drawn();
    expect(rows('source')).toHaveLength(2);
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

  it('says what to do when there is nothing at all', async () => {
    all.client.sourceList = [];
    all.client.runList = [];
    await show();
    expect(panel.node.textContent).toContain('Put a CSV or Parquet file');
    [...panel.node.querySelectorAll('button')]
      .find(one => one.textContent === 'Profile a source…')!
      .click();
    await drawn();
    expect(screens.ask).toHaveBeenCalledWith(null, []);
  });

  it('says why it is empty, and tries again', async () => {
    all.client.broken = toError({
      code: 'network_down',
      message: 'Away',
      remedy: 'Wait'
    });
    await show();
    const alert = panel.node.querySelector('[role=alert]')!;
    expect(alert.textContent).toContain('Away. Wait.');
    all.client.broken = null;
    alert.querySelector('button')!.click();
    await drawn();
    expect(rows('run')).toHaveLength(3);
    all.client.broken = toError({ code: 'network_down', message: 'Away' });
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
