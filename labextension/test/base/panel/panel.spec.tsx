import { framePromise } from '@jupyterlab/testing';
import { StateDB } from '@jupyterlab/statedb';
import { nullTranslator } from '@jupyterlab/translation';
import { addIcon } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';
import axe from 'axe-core';
import React from 'react';

import { EmptyState, ListBody } from '../../../src/base/panel/emptystate';
import { FilterField } from '../../../src/base/panel/filterfield';
import { ListModel } from '../../../src/base/panel/listmodel';
import { ArraySource } from '../../../src/base/panel/listsource';
import type { IRow } from '../../../src/base/panel/row';
import { Section } from '../../../src/base/panel/section';
import { Selection } from '../../../src/base/panel/selection';
import { StatusLine } from '../../../src/base/panel/statusline';
import { VirtualList } from '../../../src/base/panel/virtuallist';
import { PanelWidget } from '../../../src/base/panel/widget';
import { toError } from '../../../src/base/errors';
import { mockLayout } from './layout';

interface IItem {
  id: string;
  name: string;
}

const item = (id: string, name = `Item ${id}`): IItem => ({ id, name });
const traits = { keyOf: ({ id }: IItem) => id, nameOf: ({ name }: IItem) => name };

mockLayout();

async function drawn(): Promise<void> {
  for (let times = 0; times < 2; times++) {
    await new Promise(resolve => setTimeout(resolve, 20));
    await framePromise();
  }
}

describe('a panel', () => {
  let panel: PanelWidget;
  let state: StateDB;
  let fruits: ArraySource<IItem>;
  let cities: ArraySource<IItem>;
  let selection: Selection<IItem>;
  let query: string;
  const opened: string[] = [];
  const calls: string[] = [];
  let details: boolean;

  const rowOf = (of: IItem): IRow => ({
    icon: addIcon,
    name: of.name,
    facts: ['a fact', '', 'another'],
    data: { 'data-id': of.id },
    actions: [{ icon: addIcon, label: `Use ${of.id}`, run: () => calls.push(of.id) }]
  });

  const show = async (body?: JSX.Element): Promise<void> => {
    const list = (label: string, source: ArraySource<IItem>): JSX.Element => (
      <VirtualList
        label={label}
        source={source}
        selection={selection}
        row={rowOf}
        onOpen={({ id }) => opened.push(id)}
        onDelete={({ id }) => calls.push(`delete ${id}`)}
        onRename={({ id }) => calls.push(`rename ${id}`)}
        accelKeys={{ c: ({ id }) => calls.push(`copy ${id}`) }}
        details={details ? ({ name }) => <p>All about {name}</p> : undefined}
      />
    );
    panel = new PanelWidget({
      name: 'orrery-test',
      title: 'Test',
      translator: nullTranslator,
      toolbar: null,
      state,
      body: body ?? (
        <>
          <FilterField
            placeholder="Search names"
            value={query}
            onChange={text => (query = text)}
          />
          <Section id="fruits" title="Fruits" count={fruits.total}>
            {list('Fruits', fruits)}
          </Section>
          <Section id="cities" title="Cities">
            {list('Cities', cities)}
          </Section>
        </>
      )
    });
    Widget.attach(panel, document.body);
    await drawn();
  };

  const row = (id: string): HTMLElement =>
    panel.node.querySelector<HTMLElement>(`[data-id="${id}"]`)!;
  const press = async (key: string, more: KeyboardEventInit = {}): Promise<void> => {
    const event = new KeyboardEvent('keydown', {
      key,
      bubbles: true,
      cancelable: true,
      ...more
    });
    document.activeElement!.dispatchEvent(event);
    await drawn();
  };
  const click = async (id: string, more: MouseEventInit = {}): Promise<void> => {
    row(id)
      .querySelector('.orrery-row-line')!
      .dispatchEvent(new MouseEvent('click', { bubbles: true, detail: 1, ...more }));
    await drawn();
  };

  beforeEach(() => {
    state = new StateDB();
    fruits = new ArraySource(traits);
    cities = new ArraySource(traits);
    fruits.set([item('a', 'Apple'), item('b', 'Banana'), item('c', 'Cherry')]);
    cities.set([item('x', 'Xanten'), item('y', 'Ypres')]);
    selection = new Selection(traits.keyOf);
    query = '';
    details = false;
    opened.length = 0;
    calls.length = 0;
  });
  afterEach(() => panel.dispose());

  it('has a title, rows with their actions, and no violation of accessibility', async () => {
    await show();
    expect(panel.node.querySelector('h2')?.textContent).toBe('Test');
    expect(row('a').textContent).toContain('Apple');
    expect(row('a').getAttribute('aria-rowindex')).toBe('1');
    row('b').querySelector<HTMLElement>('button[aria-label="Use b"]')!.click();
    expect(calls).toEqual(['b']);
    const { violations } = await axe.run(panel.content.node, {
      // There is no layout here, and no page around it; the toolbar is the lab's own.
      rules: { 'color-contrast': { enabled: false }, region: { enabled: false } }
    });
    expect(violations.map(({ id, nodes }) => [id, nodes[0].html])).toEqual([]);
  });

  it('has no button that is a toggle only in name', async () => {
    await show();
    const opener = panel.toolbar.node.querySelector('.jp-Toolbar-responsive-opener')!;
    const button = opener.querySelector('[aria-label="More commands"]')!;
    expect(button.hasAttribute('aria-pressed')).toBe(false);
    button.setAttribute('aria-pressed', 'false');
    await drawn();
    expect(button.hasAttribute('aria-pressed')).toBe(false);
  });

  it('is one run of rows for the keyboard, with one tab stop a list', async () => {
    await show();
    expect(panel.node.querySelectorAll('[role=row][tabindex="0"]')).toHaveLength(2);
    row('a').focus();
    await press('ArrowDown');
    await press('ArrowDown');
    expect(document.activeElement).toBe(row('c'));
    await press('ArrowDown');
    expect(document.activeElement).toBe(row('x'));
    expect(selection.keys).toEqual(['x']);
    await press('ArrowUp');
    expect(document.activeElement).toBe(row('c'));
    await press('End');
    expect(document.activeElement).toBe(row('y'));
    await press('ArrowDown');
    expect(document.activeElement).toBe(row('y'));
    await press('Home');
    expect(document.activeElement).toBe(row('a'));
    await press('PageDown');
    expect(document.activeElement).toBe(row('c'));
    await press('b');
    expect(document.activeElement).toBe(row('b'));
  });

  it('opens with Enter or a click, and does the rest with the keys of the lab', async () => {
    await show();
    row('b').focus();
    await press('ArrowUp');
    await press('Enter');
    await click('b');
    await click('b', { detail: 2 });
    expect(opened).toEqual(['a', 'b']);
    await press('ArrowDown');
    await press('F2');
    await press('Delete');
    await press('c', { ctrlKey: true });
    expect(calls).toEqual(['rename c', 'delete c', 'copy c']);
  });

  it('selects several rows by pointer and by keyboard', async () => {
    await show();
    await click('a');
    await click('c', { shiftKey: true });
    expect(selection.keys).toEqual(['a', 'b', 'c']);
    await click('b', { ctrlKey: true });
    expect(selection.keys).toEqual(['a', 'c']);
    expect(opened).toEqual(['a']);
    row('c').focus();
    await press('Escape');
    expect(selection.keys).toEqual(['c']);
    await press('ArrowUp', { shiftKey: true });
    expect(selection.keys).toEqual(['c', 'b']);
    await press('a', { ctrlKey: true });
    expect(selection.keys).toHaveLength(3);
    row('x').dispatchEvent(new MouseEvent('contextmenu', { bubbles: true }));
    expect(selection.keys).toEqual(['x']);
  });

  it('selects ranges with Shift, and all rows, also those that are not loaded yet', async () => {
    const asked: number[] = [];
    const model = new ListModel<IItem, { q: string }>({
      ...traits,
      load: ({ offset, limit }) => {
        asked.push(offset);
        const ids = Array.from({ length: 1_200 }, (_, index) => item(`n${index}`));
        const items = ids.slice(offset, offset + limit);
        return Promise.resolve({ items, total: ids.length, offset, limit });
      }
    });
    await model.open();
    const list = (
      <VirtualList label="Many" source={model} selection={selection} row={rowOf} />
    );
    await show(list);
    await click('n3');
    row('n3').focus();
    await press('PageDown', { shiftKey: true });
    const paged = selection.keys.length;
    expect(paged).toBeGreaterThan(10);
    expect(selection.keys.at(-1)).toBe(`n${2 + paged}`);
    await press('Home', { shiftKey: true });
    expect(selection.keys).toHaveLength(paged + 3);
    expect(selection.active?.id).toBe('n0');
    await press('a', { ctrlKey: true });
    expect(selection.keys).toHaveLength(1_200);
    // The keyboard stays where it is.
    expect(selection.active?.id).toBe('n0');
    expect(document.activeElement).toBe(row('n0'));
    expect(new Set(asked).size).toBe(12);
    model.dispose();
  });

  it('has a heading over the row where a part of the list begins', async () => {
    await show(
      <VirtualList
        label="Fruits"
        source={fruits}
        selection={selection}
        row={rowOf}
        heading={index => (index === 1 ? 'Less ripe' : null)}
      />
    );
    expect(row('b').textContent).toMatch(/^Less ripeBanana/);
    expect(panel.node.querySelectorAll('.orrery-row-heading')).toHaveLength(1);
  });

  it('shows details below a row where there are any', async () => {
    details = true;
    await show();
    expect(row('a').getAttribute('aria-expanded')).toBe('false');
    await click('a');
    expect(row('a').textContent).toContain('All about Apple');
    expect(opened).toEqual(['a']);
    row('a').focus();
    await press('ArrowLeft');
    expect(row('a').getAttribute('aria-expanded')).toBe('false');
    await press('Enter');
    expect(row('a').getAttribute('aria-expanded')).toBe('true');
  });

  it('draws the rows in sight only', async () => {
    fruits.set(Array.from({ length: 10_000 }, (_, index) => item(`n${index}`)));
    await show();
    const drawnRows = panel.node.querySelectorAll(
      '[data-section=fruits] .orrery-row'
    ).length;
    expect(drawnRows).toBeGreaterThan(20);
    expect(drawnRows).toBeLessThan(60);
  });

  it('remembers which sections are collapsed', async () => {
    await show();
    panel.node.querySelector<HTMLElement>('[data-section=fruits] h3 button')!.click();
    await drawn();
    expect(row('a')).toBeNull();
    expect(await state.fetch('orrery-test:sections')).toEqual(['fruits']);
    panel.dispose();
    await show();
    await drawn();
    expect(row('a')).toBeNull();
    expect(row('x')).not.toBeNull();
  });

  it('filters by the box of the lab, which leads to the rows', async () => {
    await show();
    const box = panel.node.querySelector<HTMLInputElement>('.jp-FilterBox')!;
    expect(box.getAttribute('placeholder')).toBe('Search names');
    box.value = 'ban';
    box.dispatchEvent(new Event('input', { bubbles: true }));
    await drawn();
    expect(query).toBe('ban');
    const down = new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true });
    box.dispatchEvent(down);
    await drawn();
    expect(document.activeElement).toBe(row('a'));
    box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
    await drawn();
    expect(query).toBe('');
  });

  it('says in place of rows what is going on and what to do', async () => {
    let error: Error | null = toError({ code: 'forbidden', message: 'Not yours' });
    const model = new ListModel<IItem, { q: string }>({
      ...traits,
      load: ({ q, offset, limit }) =>
        error
          ? Promise.reject(error)
          : Promise.resolve({
              items: q === 'some' ? [item('a')] : [],
              total: q === 'some' ? 1 : 0,
              offset,
              limit
            }),
      debounceMs: 0
    });
    const make = jest.fn();
    await show(
      <>
        <ListBody
          model={model}
          failedTitle="Could not be loaded"
          noMatchTitle="No match"
          empty={{
            title: 'Nothing yet',
            text: '',
            steps: [{ label: 'New', run: make }]
          }}
        >
          <b>rows</b>
        </ListBody>
        <StatusLine model={model} selection={selection} facts={['12 items', '']} />
        <EmptyState compact text="Short" />
      </>
    );
    const text = (): string => panel.node.textContent ?? '';
    const press = async (label: string): Promise<void> => {
      const buttons = [...panel.node.querySelectorAll('button')];
      buttons.find(({ textContent }) => textContent === label)!.click();
      await drawn();
    };
    expect(panel.node.querySelector('[aria-label=Loading]')).not.toBeNull();
    await model.open();
    await drawn();
    expect(text()).toContain('Could not be loadedNot yours.');
    error = null;
    await press('Try again');
    expect(text()).toContain('Nothing yet');
    await press('New');
    expect(make).toHaveBeenCalled();
    model.filter({ q: 'none' });
    await drawn();
    expect(text()).toContain('No match');
    await press('Show all');
    expect(model.filtered).toBe(false);
    model.filter({ q: 'some' });
    await drawn();
    expect(text()).toContain('rows12 items');
    error = toError({ code: 'network_down', message: 'Gone' });
    await model.refresh();
    await drawn();
    expect(text()).toContain('Offline');
    model.dispose();
  });
});
