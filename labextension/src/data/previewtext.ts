/**
 * What a preview says of the part that it shows, and what a person asks next.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { GridValue } from '../base/grid/gridwidget';
import type { Preview, WindowRequest } from './schemas';

type Window = Partial<WindowRequest>;

/** What part of the source is shown, in words. */
export function labelOf(preview: Preview, trans: TranslationBundle): string {
  const count = preview.row_count.toLocaleString();
  const searched = preview.searched?.toLocaleString() ?? '';
  if (preview.searched !== null && !preview.is_whole) {
    return trans.__('%1 rows that match among the first %2 rows', count, searched);
  }
  if (preview.total === null) {
    if (preview.has_more) {
      return trans.__('The first %1 rows', count);
    }
    return trans.__('All %1 rows', count);
  }
  const total = preview.total.toLocaleString();
  if (preview.total_kind === 'estimate') {
    return trans.__('The first %1 of about %2 rows', count, total);
  }
  if (preview.total === preview.row_count) {
    return preview.searched === null
      ? trans.__('All %1 rows', count)
      : trans.__('All %1 rows that match', count);
  }
  return trans.__('The first %1 of %2 rows', count, total);
}

/** The window in the order of a column; once more, the other way round. */
export function sortOf(window: Window, column: number): Window {
  const [first] = window.sort ?? [];
  const isAgain = first?.column === column && !first.is_descending;
  return { ...window, sort: [{ column, is_descending: isAgain }] };
}

/** The window with only the rows that hold a value. */
export function filterOf(window: Window, column: number, value: GridValue): Window {
  const others = (window.filters ?? []).filter(item => item.column !== column);
  const own =
    value === null
      ? ({ column, operator: 'null', value: null, values: [] } as const)
      : ({ column, operator: 'eq', value, values: [] } as const);
  return { ...window, filters: [...others, own] };
}
