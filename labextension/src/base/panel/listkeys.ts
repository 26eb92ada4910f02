/**
 * What the keys do while a row of a list has the focus.
 */
import type React from 'react';

import { usePanel } from './context';
import type { IListHandle } from './listgroup';
import type { IListSource } from './listsource';
import { useTypeAhead } from './virtualrows';

export interface IListKeys<T> {
  source: IListSource<T>;
  handle: IListHandle;
  /** Number of rows in sight. */
  pageRows: number;
  go: (index: number, extend?: boolean) => void;
  toggleSelected: (item: T) => void;
  /** Select the focused item alone. */
  selectOnly: (item: T) => void;
  selectAll: () => void;
  open: (item: T) => void;
  /** Show or hide what is below the row; undefined in a list without details. */
  expand?: (item: T, isOpen: boolean) => void;
  rename?: (item: T) => void;
  remove?: (item: T) => void;
  /** Actions by a letter that is pressed along with Ctrl or Cmd. */
  accelKeys?: Record<string, (item: T) => void>;
}

type Action = () => void;

/** The handler of `keydown` on a list. */
export function useListKeys<T>(
  list: IListKeys<T>
): (event: React.KeyboardEvent) => void {
  const { lists, focusFilter } = usePanel();
  const { go, handle, source } = list;
  const typeAhead = useTypeAhead({
    cursor: handle.cursor,
    find: (text, start) => source.findByPrefix(text, start),
    go
  });
  return event => {
    const row = (event.target as HTMLElement).closest<HTMLElement>('[role=row]');
    if (event.target !== row) {
      // A button or a text inside the row has the focus: only the way back is taken.
      if (event.key === 'Escape') {
        row?.focus();
      }
      return;
    }
    if (event.altKey) {
      return;
    }
    const accel = event.ctrlKey || event.metaKey;
    const action = accel
      ? accelAction(list, event, focusFilter)
      : (moves(list, event.shiftKey)[event.key] ??
        panelMoves(list, lists)[event.key] ??
        itemActions(list)[event.key] ??
        (event.key === '/' ? focusFilter : undefined));
    if (action) {
      event.preventDefault();
      event.stopPropagation();
      action();
    } else if (event.key.length === 1 && !accel) {
      typeAhead(event.key);
    }
  };
}

/** Keys that move inside a list; with Shift they select along the way. */
function moves<T>(
  list: IListKeys<T>,
  extend: boolean
): Record<string, Action | undefined> {
  const { handle, go, pageRows } = list;
  const { cursor, total } = handle;
  const page = Math.max(1, pageRows - 1);
  return {
    ArrowDown: cursor < total - 1 ? () => go(cursor + 1, extend) : undefined,
    ArrowUp: cursor > 0 ? () => go(cursor - 1, extend) : undefined,
    PageDown: () => go(cursor + page, extend),
    PageUp: () => go(cursor - page, extend),
    // Without Shift they lead over the edges of the list.
    Home: extend ? () => go(0, true) : undefined,
    End: extend ? () => go(total - 1, true) : undefined
  };
}

/** Keys that lead over the edges of a list. */
function panelMoves<T>(
  { handle }: IListKeys<T>,
  lists: ReturnType<typeof usePanel>['lists']
): Record<string, Action> {
  return {
    ArrowDown: () => lists.cross(handle, 1),
    ArrowUp: () => lists.cross(handle, -1),
    Home: () => lists.goFirst(),
    End: () => lists.goLast()
  };
}

/** Keys that do something with the item that has the focus. */
function itemActions<T>(list: IListKeys<T>): Record<string, Action | undefined> {
  const item = list.source.at(list.handle.cursor);
  if (item === undefined) {
    return {};
  }
  const bind = (run: ((item: T) => void) | undefined): Action | undefined =>
    run && (() => run(item));
  const { expand } = list;
  return {
    Enter: bind(list.open),
    ' ': bind(list.toggleSelected),
    Escape: bind(list.selectOnly),
    F2: bind(list.rename),
    Delete: bind(list.remove),
    ArrowRight: expand && (() => expand(item, true)),
    ArrowLeft: expand && (() => expand(item, false))
  };
}

function accelAction<T>(
  list: IListKeys<T>,
  event: React.KeyboardEvent,
  focusFilter: Action
): Action | undefined {
  const key = event.key.toLowerCase();
  const item = list.source.at(list.handle.cursor);
  const run = list.accelKeys?.[key];
  if (run && item !== undefined) {
    return () => run(item);
  }
  return { f: focusFilter, a: list.selectAll }[key];
}
