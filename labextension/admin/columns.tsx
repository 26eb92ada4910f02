/**
 * Columns that many lists have.
 */
import React from 'react';

import { Moment } from './format';
import type { IColumn } from './table/column';

type Options = Pick<IColumn<never>, 'isSortable'> & { readonly width?: string };

/** A text; a dash for none. */
export function textColumn<T>(
  id: string,
  title: string,
  textOf: (row: T) => string | number | null | undefined,
  options: Options = {}
): IColumn<T> {
  return {
    id,
    title,
    width: 'minmax(100px, 1fr)',
    cell: row => {
      const text = textOf(row);
      return text === null || text === undefined || text === '' ? <None /> : text;
    },
    ...options
  };
}

/** A moment, as the time from now. */
export function momentColumn<T>(
  id: string,
  title: string,
  momentOf: (row: T) => string | null | undefined,
  options: Options = {}
): IColumn<T> {
  return {
    id,
    title,
    width: 'minmax(96px, 1fr)',
    cell: row => <Moment when={momentOf(row)} />,
    ...options
  };
}

/** A short name in the font of code. */
export function slugColumn<T>(
  id: string,
  title: string,
  slugOf: (row: T) => string,
  options: Options = {}
): IColumn<T> {
  return {
    id,
    title,
    width: 'minmax(110px, 1fr)',
    cell: row => <code>{slugOf(row)}</code>,
    ...options
  };
}

/** What is not there. */
export function None(): JSX.Element {
  return <span className="orrery-quiet">–</span>;
}
