/**
 * A column of a list, and a row as the list draws it.
 */
import type React from 'react';

export interface IColumn<T> {
  readonly id: string;
  readonly title: string;
  /** A CSS grid track. */
  readonly width: string;
  readonly cell: (row: T) => React.ReactNode;
  /** Whether the server can order by it, under the name of its id. */
  readonly isSortable?: boolean;
}

/** A row in sight; without an item while its page is on the way. */
export interface IRow<T> {
  readonly index: number;
  readonly item: T | undefined;
}
