/**
 * The list of the page: its keys, and what is chosen and open.
 */
import React, { act, useState } from 'react';
import { createRoot, type Root } from 'react-dom/client';

import { DataTable } from '../../admin/table/datatable';
import { TableModel } from '../../admin/table/model';

interface IRow {
  readonly id: string;
}

const COLUMNS = [
  { id: 'id', title: 'Id', width: '1fr', isSortable: true, cell: (row: IRow) => row.id }
];
const items = ['a', 'b', 'c'].map(id => ({ id }));
const opened = jest.fn();
const sorted = jest.fn();
let root: Root;
let host: HTMLElement;
let model: TableModel<IRow>;

function List(): JSX.Element {
  const [selection, setSelection] = useState<ReadonlyMap<string, IRow>>(new Map());
  return (
    <DataTable
      label="Letters"
      noun={['letter', 'letters']}
      model={model}
      columns={COLUMNS}
      idOf={row => row.id}
      order={{ sort: 'id', isDescending: false, onSort: sorted }}
      onOpen={opened}
      openId="b"
      selection={selection}
      onSelect={setSelection}
      empty="None"
    />
  );
}

beforeEach(async () => {
  (globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT =
    true;
  jest.clearAllMocks();
  // Nothing is laid out here: the list is as high as it says.
  Object.defineProperty(HTMLElement.prototype, 'clientHeight', {
    configurable: true,
    value: 300
  });
  Object.defineProperty(HTMLElement.prototype, 'clientWidth', {
    configurable: true,
    value: 300
  });
  host = document.body.appendChild(document.createElement('div'));
  root = createRoot(host);
  model = new TableModel<IRow>(() =>
    Promise.resolve({ items, total: items.length, offset: 0, limit: 100 })
  );
  await act(() => {
    root.render(<List />);
    return Promise.resolve();
  });
});

afterEach(() => {
  act(() => root.unmount());
  host.remove();
  model.dispose();
});

const grid = () => host.querySelector<HTMLElement>('[role=grid]')!;
const press = (key: string, target: HTMLElement = grid()) =>
  act(() => {
    target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  });
const active = () => host.querySelector('[data-active=true]')?.textContent;

it('is a grid that says how many rows it has', () => {
  expect(grid().getAttribute('aria-rowcount')).toBe('4');
  expect(host.querySelector('[role=status]')?.textContent).toBe('3 letters');
  expect(host.querySelector('[data-open=true]')?.textContent).toBe('b');
});

it('goes to rows by keys, opens and chooses them', () => {
  expect(active()).toBe('a');
  for (const [key, row] of [
    ['ArrowDown', 'b'],
    ['End', 'c'],
    ['ArrowDown', 'c'],
    ['Home', 'a'],
    ['ArrowUp', 'a'],
    ['PageDown', 'c'],
    ['ArrowUp', 'b']
  ]) {
    press(key);
    expect(active()).toBe(row);
  }
  press('Enter');
  expect(opened).toHaveBeenCalledWith({ id: 'b' });
  press(' ');
  expect(host.querySelectorAll('[aria-selected=true]')).toHaveLength(1);
  expect(host.querySelector('[role=status]')?.textContent).toBe(
    '3 letters, 1 selected'
  );
  press(' ');
  expect(host.querySelectorAll('[aria-selected=true]')).toHaveLength(0);
});

it('leaves the keys of a button in the head to it', () => {
  const button = host.querySelector<HTMLElement>('[role=columnheader] button')!;
  press('ArrowDown', button);
  expect(active()).toBe('a');
  act(() => button.click());
  expect(sorted).toHaveBeenCalledWith('id', true);
});
