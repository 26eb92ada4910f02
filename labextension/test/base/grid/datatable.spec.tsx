import { framePromise } from '@jupyterlab/testing';
import { nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import axe from 'axe-core';
import React from 'react';
import { createRoot, type Root } from 'react-dom/client';

import { DataTable } from '../../../src/base/grid/datatable';
import { GridWidget, type IGridSelection } from '../../../src/base/grid/gridwidget';
import { readTheme } from '../../../src/base/grid/theme';
import { watchTheme } from '../../../src/base/theme';

const trans = nullTranslator.load('orrery');
const table = {
  columns: ['name', 'age'],
  rows: [
    ['Ada', 36],
    [null, 41],
    ['<b>Bob</b>', 7]
  ]
};
const text = {
  value: (value: string | number | boolean | null) => `${value ?? 'missing'}`,
  column: (name: string) => name
};

describe('a table of data rows', () => {
  let host: HTMLElement;
  let root: Root;
  let selections: (IGridSelection | null)[];
  let activated: number;

  const viewport = (): HTMLElement => host.querySelector('[role=grid]')!;
  const cursor = (): string =>
    document.getElementById(viewport().getAttribute('aria-activedescendant')!)!
      .textContent ?? '';
  async function settle(): Promise<void> {
    await new Promise(resolve => setTimeout(resolve, 10));
    await framePromise();
  }
  async function press(key: string, keyCode: number): Promise<void> {
    const event = new KeyboardEvent('keydown', { key, keyCode, bubbles: true });
    viewport().dispatchEvent(event);
    await settle();
  }

  beforeEach(async () => {
    selections = [];
    activated = 0;
    host = document.createElement('main');
    document.body.append(host);
    root = createRoot(host);
    root.render(
      <DataTable
        trans={trans}
        label="First rows"
        table={table}
        text={text}
        onSelect={selection => selections.push(selection)}
        onActivate={() => activated++}
      />
    );
    await settle();
  });

  afterEach(() => {
    root.unmount();
    host.remove();
  });

  it('says what it is, how large it is, and how it is used', async () => {
    expect(viewport().getAttribute('aria-label')).toBe('First rows');
    expect(viewport().getAttribute('aria-rowcount')).toBe('4');
    expect(viewport().getAttribute('aria-colcount')).toBe('2');
    expect(viewport().tabIndex).toBe(0);
    const help = document.getElementById(viewport().getAttribute('aria-describedby')!);
    expect(help?.textContent).toContain('Ctrl+C copies');
    const { violations } = await axe.run(host, {
      rules: { 'color-contrast': { enabled: false }, region: { enabled: false } }
    });
    expect(violations.map(({ id }) => id)).toEqual([]);
  });

  it('moves its cursor by keyboard, and has it read out', async () => {
    viewport().dispatchEvent(new FocusEvent('focus'));
    await settle();
    expect(cursor()).toBe('name: Ada');
    await press('ArrowDown', 40);
    expect(cursor()).toBe('name: missing');
    await press('ArrowRight', 39);
    expect(cursor()).toBe('age: 41');
    expect(selections.at(-1)).toEqual({ row: 1, column: 1 });
    await press('Enter', 13);
    expect(activated).toBe(1);
  });

  it('lets Tab leave it, with its cursor where it was', async () => {
    viewport().dispatchEvent(new FocusEvent('focus'));
    await settle();
    for (const shiftKey of [false, true]) {
      const tab = new KeyboardEvent('keydown', {
        key: 'Tab',
        keyCode: 9,
        shiftKey,
        bubbles: true,
        cancelable: true
      });
      viewport().dispatchEvent(tab);
      await settle();
      expect(tab.defaultPrevented).toBe(false);
      expect(cursor()).toBe('name: Ada');
    }
  });

  it('ends with its component', () => {
    root.render(<p />);
    return settle().then(() => expect(host.querySelector('canvas')).toBeNull());
  });
});

describe('a grid', () => {
  it('tells a column from a cell, and copies plain values', () => {
    const grid = new GridWidget(table, text, readTheme(document.body));
    Widget.attach(grid, document.body);
    expect(grid.selection).toBeNull();
    const whole = { r1: 0, r2: 2, c1: 1, c2: 1, cursorRow: 0, cursorColumn: 1 };
    grid.selectionModel!.select({ ...whole, clear: 'all' });
    expect(grid.selection).toEqual({ row: null, column: 1 });
    grid.selectionModel!.clear();
    grid.start();
    expect(grid.selection).toEqual({ row: 0, column: 0 });
    expect(grid.columnSize('body', 0)).toBeGreaterThanOrEqual(48);
    grid.dispose();
  });
});

describe('the theme', () => {
  it('is read as colours that a canvas understands, and followed', async () => {
    const theme = readTheme(document.body);
    expect(theme.font).toMatch(/px /);
    const onChange = jest.fn();
    const watch = watchTheme(onChange);
    document.body.dataset.jpThemeName = 'Night';
    await new Promise(resolve => setTimeout(resolve, 150));
    expect(onChange).toHaveBeenCalledTimes(1);
    watch.dispose();
    document.body.dataset.jpThemeName = 'Day';
    await new Promise(resolve => setTimeout(resolve, 150));
    expect(onChange).toHaveBeenCalledTimes(1);
  });
});
