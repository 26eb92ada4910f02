import { framePromise } from '@jupyterlab/testing';
import { Widget } from '@lumino/widgets';

import { createView } from '../../../src/eda/view/tab';
import type { Result } from '../../../src/eda/schemas';
import { alert, column, drift, overview, run, world, type IWorld } from './fixtures';

const HOSTILE =
  '<img src=x onerror="window.ran = true"><script>window.ran = true</script>';

let around: IWorld;
let view: Widget;

beforeEach(() => {
  around = world();
});

afterEach(() => view.dispose());

/** Some turns of the loop: an answer, its drawing, what is asked then, and the drawing of that. */
async function drawn(): Promise<void> {
  for (let turn = 0; turn < 6; turn++) {
    await new Promise(resolve => setTimeout(resolve, 5));
    await framePromise();
  }
}

async function show(result: Partial<Result> = {}): Promise<void> {
  around.client.result = { ...around.client.result, ...result };
  view = createView(around);
  Widget.attach(view, document.body);
  await drawn();
}

function all(selector: string): HTMLElement[] {
  return [...view.node.querySelectorAll<HTMLElement>(selector)];
}

function press(text: string, selector = 'button'): HTMLElement {
  const found = all(selector).find(one => one.textContent?.includes(text));
  if (!found) {
    throw new Error(`There is no "${text}" in: ${view.node.textContent}`);
  }
  found.click();
  return found;
}

function key(target: HTMLElement, name: string): void {
  target.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true }));
}

describe('the tab of a run', () => {
  it('says what was looked at, by whom, and how much of it', async () => {
    const sampling = {
      rows: 1_000_000,
      of: 6_000_000,
      why: 'The budget demanded it.',
      margin: 0.00098
    };
    await show({ overview: overview({ rows: 6_000_000, sampling }) });
    const text = view.node.querySelector('header')?.textContent;
    expect(text).toContain('wine.parquet');
    expect(text).toContain('6,000,000 rows × 3 columns');
    expect(text).toContain('ada');
    expect(text).toContain('1,000,000 of 6,000,000 rows');
    expect(text).toContain('±0.098 percentage points');
    expect(text).toContain('The budget demanded it.');
  });

  it('goes from section to section with the arrow keys', async () => {
    await show();
    const [first] = all('[role=tab]');
    expect(first.getAttribute('aria-selected')).toBe('true');
    key(first, 'ArrowRight');
    await drawn();
    const shown = all('[role=tab][aria-selected=true]');
    expect(shown.map(one => one.dataset.tab)).toEqual(['columns']);
    expect(document.activeElement).toBe(shown[0]);
    key(shown[0], 'End');
    await drawn();
    expect(all('[role=tab][aria-selected=true]')[0].dataset.tab).toBe('report');
  });

  it('shows progress with labels, and cancels', async () => {
    await show({
      run: run({ state: 'running', stage: 'relations', progress: 0.64 })
    });
    const bar = view.node.querySelector('[role=progressbar]');
    expect(bar?.getAttribute('aria-valuenow')).toBe('64');
    expect(bar?.getAttribute('aria-valuetext')).toContain('Relations between columns');
    press('Cancel');
    await drawn();
    expect(around.client.cancelled).toBe(1);
    expect(view.node.textContent).toContain('What was found until then stays here');
  });

  it('says how many are before it', async () => {
    await show({ run: run({ state: 'queued', waiting: 2 }), overview: null });
    expect(view.node.textContent).toContain('2 runs are before it');
  });

  it('says what failed, why and what to do, and does it', async () => {
    const error = {
      code: 'out_of_memory',
      message: 'The worker ran out of memory',
      reason: 'It held 4.1 GB; 4 GB are allowed.',
      remedy: 'Look at a sample.'
    };
    await show({ run: run({ state: 'failed', error }), overview: null });
    const text = view.node.querySelector('[role=alert]')?.textContent;
    expect(text).toContain('The worker ran out of memory');
    expect(text).toContain('It held 4.1 GB; 4 GB are allowed.');
    expect(text).toContain('Look at a sample.');
    press('Run again', '[role=alert] button');
    await drawn();
    expect(around.started[0]).toMatchObject({ task: 'profile' });
    expect(around.opened).toEqual(['f'.repeat(32)]);
  });

  it('writes the code of a quick fix', async () => {
    await show({ overview: overview({ alerts: [alert()] }) });
    press('Fill with the median');
    await drawn();
    expect(around.client.coded).toMatchObject([
      { what: 'fix', alert: 'missing:0', fix: 1, frame: 'wines' }
    ]);
    expect(around.inserted).toEqual(['wines # fix missing:0']);
  });

  it('goes from an alert to its column', async () => {
    await show({ overview: overview({ alerts: [alert()] }) });
    press('price', '.orrery-eda-view-chip');
    await drawn();
    expect(all('[role=tab][aria-selected=true]')[0].dataset.tab).toBe('columns');
    expect(view.node.querySelector('input')?.value).toBe('price');
  });

  it('opens a column by its name, and inserts code by the buttons that say so', async () => {
    const effect = { column: 0, measure: 'pearson' as const, value: 0.7, groups: [] };
    await show({ overview: overview({ target: 2, effects: [effect] }) });
    press('Target', '[role=tab]');
    await drawn();
    press('bought', '.orrery-eda-view-open');
    await drawn();
    expect(all('[role=tab][aria-selected=true]')[0].dataset.tab).toBe('columns');
    expect(view.node.querySelector('input')?.value).toBe('bought');
    expect(around.inserted).toEqual([]);
    press('Target', '[role=tab]');
    await drawn();
    const [insert] = all('button.orrery-eda-view-insert');
    expect(insert.getAttribute('aria-label')).toMatch(/^Insert code: /);
    insert.click();
    await drawn();
    expect(around.inserted).toEqual(['wines # statistic associations']);
  });

  it('shows the first rows before the alerts', async () => {
    await show({
      overview: overview({ alerts: [alert()], head: [[1]], names: ['price'] })
    });
    const titles = all('.orrery-eda-view-block h3').map(node => node.textContent);
    expect(titles).toEqual(['First rows', 'What to know first']);
  });

  it('starts the full report from the profile', async () => {
    await show();
    press('Full report');
    await drawn();
    expect(around.started).toMatchObject([{ task: 'report', parent: run().id }]);
    expect(around.opened).toHaveLength(1);
  });

  it('shows texts of the data as text, whatever they are', async () => {
    around.client.table = [
      column({
        name: HOSTILE,
        note: HOSTILE,
        type: 'text',
        histogram: null,
        top: [{ value: HOSTILE, count: 90 }]
      })
    ];
    await show({
      overview: overview({
        names: [HOSTILE],
        head: [[HOSTILE]],
        notes: [HOSTILE],
        target: 0,
        patterns: [{ columns: [0], rows: 1 }],
        associations: [{ a: 0, b: 0, measure: 'pearson', value: 1, rows: 1 }],
        effects: [
          {
            column: 0,
            measure: 'cramers_v',
            value: 0.5,
            groups: [{ label: HOSTILE, rows: 1, share: 0.5, mean: null }]
          }
        ],
        alerts: [
          alert({
            message: HOSTILE,
            evidence: HOSTILE,
            names: [HOSTILE],
            fixes: [HOSTILE]
          })
        ]
      }),
      run: run({
        by: HOSTILE,
        source: { ...run().source, name: HOSTILE },
        options: { ...run().options, target: HOSTILE }
      })
    });
    for (const tab of ['columns', 'relations', 'missing', 'text', 'target', 'alerts']) {
      all(`[data-tab=${tab}]`)[0].click();
      await drawn();
      expect(view.node.querySelectorAll('img, script')).toHaveLength(0);
    }
    expect(view.node.textContent).toContain(HOSTILE);
    expect((window as { ran?: boolean }).ran).toBeUndefined();
  });

  it('chooses among suggested checks and writes those as code', async () => {
    around.client.suggested = {
      ...around.client.suggested,
      suite: {
        name: 'checks',
        checks: ['price', 'colour'].map(name => ({
          code: 'not_null' as const,
          column: name,
          type: null,
          minimum: null,
          maximum: null,
          values: [],
          pattern: '',
          allowed: 0,
          why: 'None is missing'
        }))
      }
    };
    await show();
    press('Checks', '[role=tab]');
    await drawn();
    expect(view.node.querySelector('pre')?.textContent).toBe('# 2 checks as pandera');
    all('.orrery-eda-view-check-list input')[0].click();
    await drawn();
    expect(view.node.querySelector('pre')?.textContent).toBe('# 1 checks as pandera');
    expect(around.client.rendered.slice(-1)[0]).toMatchObject({
      suite: { checks: [{ column: 'colour' }] },
      table: 'wines'
    });
    press('Insert');
    await drawn();
    expect(around.inserted).toEqual(['# 1 checks as pandera']);
  });

  it('shows what broke a check, the broken ones first', async () => {
    const check = {
      code: 'between' as const,
      column: 'price',
      type: null,
      minimum: 0,
      maximum: 10,
      values: [],
      pattern: '',
      allowed: 0,
      why: ''
    };
    await show({
      run: run({ task: 'checks', failing: 1 }),
      overview: null,
      checks: {
        name: 'checks',
        rows: 100,
        results: [
          { check, passed: true, broken: 0, rows: 100, examples: [], message: '' },
          {
            check: { ...check, column: 'age' },
            passed: false,
            broken: 3,
            rows: 100,
            examples: [-4, null],
            message: '3 values lie outside'
          }
        ]
      }
    });
    const text = view.node.textContent ?? '';
    expect(text).toContain('1 of 2 checks is broken');
    expect(text.indexOf('age')).toBeLessThan(text.indexOf('price'));
    expect(text).toContain('3 values lie outside');
    expect(text).toContain('missing');
  });

  it('sums up what changed between two sources', async () => {
    await show({
      run: run({ task: 'comparison', against: { ...run().source, name: 'old.csv' } }),
      overview: null,
      comparison: {
        rows_before: 100,
        rows_after: 120,
        drifts: [drift(), drift({ name: 'age', change: 'added', before: [] })],
        shared_rows: 7,
        alerts: []
      }
    });
    const figures = view.node.querySelector('dl')?.textContent;
    expect(figures).toContain('Rows before100');
    expect(figures).toContain('Added1');
    expect(view.node.textContent).toContain('old.csv');
  });

  it('shows a report in a frame that is not the lab’s', async () => {
    around.client.content = '<p>Hello</p>';
    await show();
    press('Report', '[role=tab]');
    await drawn();
    const frame = view.node.querySelector('iframe');
    expect(frame?.getAttribute('sandbox')).toBe('');
    expect(frame?.srcdoc).toContain('Hello');
  });

  it('asks nothing more once it is closed', async () => {
    await show({ run: run({ state: 'running', revision: 1 }) });
    view.dispose();
    const asked = around.client.watched.length;
    around.client.tell({ run: run({ state: 'running', revision: 2 }) });
    await drawn();
    expect(around.client.watched).toHaveLength(asked);
  });
});
