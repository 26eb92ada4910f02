import { framePromise } from '@jupyterlab/testing';
import { nullTranslator } from '@jupyterlab/translation';
import axe from 'axe-core';
import React from 'react';
import { createRoot, type Root } from 'react-dom/client';

import { CELL_ROW_CLASS, type ICells } from '../../../src/base/chart/cells';
import { Chart, type ChartOptions } from '../../../src/base/chart/chart';
import { loadChartLibrary } from '../../../src/base/chart/library';
import { Sparkline } from '../../../src/base/chart/sparkline';
import { toError } from '../../../src/base/errors';

const actual: { loadChartLibrary: typeof loadChartLibrary } = jest.requireActual(
  '../../../src/base/chart/library'
);
jest.mock('../../../src/base/chart/library', () => ({ loadChartLibrary: jest.fn() }));

const trans = nullTranslator.load('orrery');
const load = loadChartLibrary as jest.MockedFunction<typeof loadChartLibrary>;
const HOSTILE = '<img src=x onerror="window.ran = true">';
const bars = (heights: readonly number[]): ChartOptions => {
  return plot => ({
    marks: [plot.barY(heights, { x: (_: number, index: number) => index, y: Number })]
  });
};

let host: HTMLElement;
let root: Root;

async function show(element: JSX.Element): Promise<void> {
  root.render(element);
  for (let turn = 0; turn < 4; turn++) {
    await new Promise(resolve => setTimeout(resolve, 10));
    await framePromise();
  }
}

function press(key: string): void {
  document.activeElement!.dispatchEvent(
    new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true })
  );
}

// The first import of the library translates all of it.
beforeAll(() => actual.loadChartLibrary(), 60_000);

beforeEach(() => {
  load.mockImplementation(() => actual.loadChartLibrary());
  host = document.createElement('main');
  document.body.append(host);
  root = createRoot(host);
});

afterEach(() => {
  root.unmount();
  host.remove();
});

describe('a chart', () => {
  it('is an image with a name and its numbers in words', async () => {
    const options = bars([1, 2, 3]);
    const chart = (
      <Chart
        trans={trans}
        label="Sales"
        description="one, two, three"
        height={100}
        options={options}
      />
    );
    await show(chart);
    const image = host.querySelector('[role=img]')!;
    expect(image.getAttribute('aria-label')).toBe('Sales');
    const description = image.getAttribute('aria-describedby')!;
    expect(document.getElementById(description)?.textContent).toBe('one, two, three');
    expect(host.querySelectorAll('[aria-label=bar] rect')).toHaveLength(3);
    expect(host.querySelector('svg')?.getAttribute('height')).toBe('100');
    const { violations } = await axe.run(host, {
      rules: { 'color-contrast': { enabled: false }, region: { enabled: false } }
    });
    expect(violations.map(({ id }) => id)).toEqual([]);
  });

  it('is drawn anew from other options, and shows texts of the data as text', async () => {
    const chart = (options: ChartOptions): JSX.Element => (
      <Chart trans={trans} label={HOSTILE} height={100} options={options} />
    );
    await show(chart(bars([1, 2])));
    await show(chart(bars([1, 2, 3, 4])));
    expect(host.querySelectorAll('svg')).toHaveLength(1);
    expect(host.querySelectorAll('[aria-label=bar] rect')).toHaveLength(4);
    await show(
      chart(plot => ({
        marks: [plot.text([HOSTILE], { text: (text: string) => text })]
      }))
    );
    expect(host.querySelector('svg')?.textContent).toContain(HOSTILE);
    expect(host.querySelector('img')).toBeNull();
  });

  it('says so when the library cannot be had, and tries again', async () => {
    load.mockRejectedValueOnce(toError({ code: 'network_down', message: 'Gone' }));
    const options = bars([1]);
    await show(<Chart trans={trans} label="Sales" height={90} options={options} />);
    const button = host.querySelector('button')!;
    expect(button.textContent).toContain('could not be loaded');
    button.click();
    await show(<Chart trans={trans} label="Sales" height={90} options={options} />);
    expect(host.querySelector('svg')).not.toBeNull();
    expect(host.querySelector('button')).toBeNull();
  });

  it('says so when it cannot be drawn', async () => {
    const options: ChartOptions = () => {
      throw new Error('no scale');
    };
    await show(<Chart trans={trans} label="Sales" height={90} options={options} />);
    expect(host.textContent).toContain('This chart cannot be drawn.');
  });
});

describe('the cells of a chart', () => {
  const activated: [number, number][] = [];
  const cells: ICells = {
    labelOf: (row, column) => `cell ${row} ${column}`,
    onActivate: (row, column) => void activated.push([row, column])
  };
  const options: ChartOptions = plot => ({
    marks: [0, 1, 2].map(row =>
      plot.cell([0, 1], {
        x: (column: number) => column,
        y: () => row,
        className: CELL_ROW_CLASS
      })
    )
  });
  const chart = (height: number): JSX.Element => (
    <Chart trans={trans} label="Heat" height={height} options={options} cells={cells} />
  );

  beforeEach(() => activated.splice(0));

  it('are a grid with names and one tab stop', async () => {
    await show(chart(100));
    expect(host.querySelector('[role=grid]')?.getAttribute('aria-label')).toBe('Heat');
    expect(host.querySelectorAll('[role=row]')).toHaveLength(3);
    expect(host.querySelectorAll('[role=row] > [role=gridcell]')).toHaveLength(6);
    expect(host.querySelectorAll('[tabindex="0"]')).toHaveLength(1);
    const { violations } = await axe.run(host, {
      rules: { 'color-contrast': { enabled: false }, region: { enabled: false } }
    });
    expect(violations.map(({ id }) => id)).toEqual([]);
  });

  it('are gone through and activated by keyboard, and keep the focus when drawn anew', async () => {
    await show(chart(100));
    host.querySelector<SVGElement>('[tabindex="0"]')!.focus();
    const focused = (): string | null =>
      document.activeElement!.getAttribute('aria-label');
    expect(focused()).toBe('cell 0 0');
    press('ArrowDown');
    press('ArrowRight');
    expect(focused()).toBe('cell 1 1');
    press('ArrowRight');
    expect(focused()).toBe('cell 1 1');
    press('Home');
    press('ArrowUp');
    press('ArrowUp');
    expect(focused()).toBe('cell 0 0');
    press('End');
    press('Enter');
    press(' ');
    expect(activated).toEqual([
      [0, 1],
      [0, 1]
    ]);
    await show(chart(140));
    expect(focused()).toBe('cell 0 1');
  });

  it('are activated by a click', async () => {
    await show(chart(100));
    const cell = host.querySelectorAll('[role=gridcell]')[3];
    cell.dispatchEvent(new MouseEvent('click', { bubbles: true }));
    expect(activated).toEqual([[1, 1]]);
  });
});

describe('a sparkline', () => {
  it('draws what is there at all, with a line for what it is compared with', async () => {
    await show(
      <Sparkline
        label="Values"
        bars={[0, 0.001, 1]}
        outline={[1, 0, 0.5]}
        titles={['a', 'b', 'c']}
      />
    );
    const heights = [...host.querySelectorAll('g > rect:last-child')].map(bar =>
      Number(bar.getAttribute('height'))
    );
    expect(heights).toEqual([0, 1.5, 28]);
    expect(host.querySelector('path')?.getAttribute('d')).toMatch(/^M0 0L40 0/);
    expect(host.querySelectorAll('g > title')).toHaveLength(3);
    expect(host.querySelector('[role=img]')?.getAttribute('aria-label')).toBe('Values');
  });
});
