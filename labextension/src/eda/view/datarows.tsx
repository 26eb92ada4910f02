/**
 * Rows of the data in a grid, with a button that inserts code for what is selected.
 */
import { codeIcon } from '@jupyterlab/ui-components';
import React, { useMemo, useState } from 'react';

import { DataTable } from '../../base/grid/datatable';
import type { GridValue, IGridSelection } from '../../base/grid/gridwidget';
import type { CodeRequest } from './codeinsert';
import { Action, Block } from './components';
import { useView } from './context';
import { shown } from './format';

export interface IRowsBlockProps {
  title: string;
  note?: string;
  /** The names of the columns, which are the first of the table. */
  names: readonly string[];
  rows: readonly (readonly GridValue[])[];
}

/** A titled grid; a cell or a column is selected first, then code for it is inserted. */
export function RowsBlock({ title, note, names, rows }: IRowsBlockProps): JSX.Element {
  const { insert, trans } = useView();
  const [selection, setSelection] = useState<IGridSelection | null>(null);
  const table = useMemo(() => ({ columns: names, rows }), [names, rows]);
  const text = useMemo(
    () => ({
      value: (value: GridValue) =>
        value === null ? trans.__('missing') : shown(value),
      column: (name: string) => (name === '' ? trans.__('(no name)') : shown(name))
    }),
    [trans]
  );
  const insertSelected = (): void => {
    if (selection) {
      insert(requestFor(selection, rows));
    }
  };
  return (
    <Block
      title={title}
      note={note}
      actions={
        <Action
          icon={codeIcon}
          label={trans.__('Insert code')}
          caption={
            selection
              ? trans.__('Insert code for what is selected into the notebook')
              : trans.__('Select a cell or the name of a column first')
          }
          disabled={!selection}
          onClick={insertSelected}
        />
      }
    >
      {rows.length > 0 ? (
        <DataTable
          trans={trans}
          label={title}
          table={table}
          text={text}
          onSelect={setSelection}
          onActivate={insertSelected}
        />
      ) : (
        <p className="orrery-eda-view-quiet">{trans.__('The table has no rows.')}</p>
      )}
    </Block>
  );
}

/** Code for a value, or for its column where all of it is selected or the value is missing. */
export function requestFor(
  { row, column }: IGridSelection,
  rows: readonly (readonly GridValue[])[]
): CodeRequest {
  const value = row === null ? null : (rows[row]?.[column] ?? null);
  return value === null ? { what: 'column', column } : { what: 'value', column, value };
}
