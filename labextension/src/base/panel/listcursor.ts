/**
 * Which row of a list has the focus, and how the focus follows it through pages and scrolling.
 */
import { useVirtualizer, type Virtualizer } from '@tanstack/react-virtual';
import type React from 'react';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';

import { usePanel } from './context';
import type { IListHandle } from './listgroup';
import { itemsBetween, type IListSource } from './listsource';
import type { Selection } from './selection';
import { useRangeWith } from './virtualrows';

/** The height of the file browser's rows. */
const ROW_PX = 26;
const OVERSCAN = 10;

/** A list, its virtualizer and its cursor. */
export interface IListCursor {
  readonly scroller: React.RefObject<HTMLDivElement>;
  readonly virtualizer: Virtualizer<HTMLDivElement, Element>;
  readonly handle: IListHandle;
  /** Index of the row that has or gets the focus; -1 in an empty list. */
  readonly index: number;
  /** Number of rows in sight. */
  readonly pageRows: number;
  /** Move the focus to a row and select it; with `extend` all from where it was, along with the others. */
  go: (index: number, extend?: boolean) => void;
  /** Say that the row has been selected by other means. */
  place: (index: number) => void;
  readonly focusEvents: React.DOMAttributes<HTMLElement>;
}

/** A row that gets the focus as soon as it is there. */
interface IPending {
  /** The row from which on all are selected; null where the row is selected alone. */
  from: number | null;
}

interface IListCursorOptions<T, S> {
  source: IListSource<T>;
  selection: Selection<S>;
  toSelected?: (item: T) => S;
}

/** The cursor of a list. */
export function useListCursor<T, S>(options: IListCursorOptions<T, S>): IListCursor {
  const { source, selection } = options;
  const scroller = useRef<HTMLDivElement>(null);
  // An object, for going to the row where the cursor is already has to move the focus too.
  const [{ place }, setPlace] = useState({ place: 0 });
  // A row that the keyboard went to may have to be loaded or drawn first.
  const pending = useRef<IPending | null>(null);
  const active = selection.keys.at(-1);
  const known = active === undefined ? -1 : source.indexOf(active);
  const index = Math.min(
    known >= 0 && !pending.current ? known : place,
    source.total - 1
  );
  const virtualizer = useRows(source, scroller, index);
  const focusEvents = useFocus({ ...options, scroller, place, pending });
  const go = (next: number, extend = false): void => {
    const row = Math.max(0, Math.min(next, source.total - 1));
    pending.current = { from: extend ? index : null };
    setPlace({ place: row });
    virtualizer.scrollToIndex(row, { align: 'auto' });
  };
  useEffect(() => {
    virtualizer.scrollToOffset(0);
    setPlace({ place: 0 });
  }, [source.generation]);
  const seen = virtualizer.range;
  return {
    scroller,
    virtualizer,
    handle: useHandle(source, scroller, index, go),
    index,
    pageRows: seen ? seen.endIndex - seen.startIndex + 1 : 1,
    go,
    place: row => {
      pending.current = null;
      setPlace({ place: row });
    },
    focusEvents
  };
}

/** The rows in sight; their pages are loaded. */
function useRows<T>(
  source: IListSource<T>,
  scroller: React.RefObject<HTMLDivElement>,
  cursor: number
): Virtualizer<HTMLDivElement, Element> {
  const rangeExtractor = useRangeWith(cursor);
  const virtualizer = useVirtualizer({
    count: source.total,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: index => {
      const item = source.at(index);
      return item === undefined ? index : source.keyOf(item);
    },
    overscan: OVERSCAN,
    rangeExtractor
  });
  const { startIndex, endIndex } = virtualizer.range ?? {};
  useEffect(() => {
    if (startIndex !== undefined && endIndex !== undefined) {
      source.setVisible(startIndex, endIndex);
    }
  }, [source, startIndex, endIndex, source.total, source.state]);
  return virtualizer;
}

/** Moves the focus to the row that waits for it, and holds it when the focused row is drawn anew. */
function useFocus<T, S>(
  options: IListCursorOptions<T, S> & {
    scroller: React.RefObject<HTMLDivElement>;
    place: number;
    pending: React.MutableRefObject<IPending | null>;
  }
): React.DOMAttributes<HTMLElement> {
  const { source, selection, scroller, place, pending } = options;
  const holdsFocus = useRef(false);
  useLayoutEffect(() => {
    if (holdsFocus.current && document.activeElement === document.body) {
      pending.current ??= { from: null };
    }
    if (!pending.current) {
      return;
    }
    const item = source.at(place);
    const row = scroller.current?.querySelector<HTMLElement>(`[data-index="${place}"]`);
    row?.focus({ preventScroll: true });
    if (row && item !== undefined) {
      const { from } = pending.current;
      pending.current = null;
      if (from === null) {
        selection.set(selectedOf(options)(item));
      } else {
        void selectTo(options, from, place, item);
      }
    }
  });
  return {
    onFocus: () => (holdsFocus.current = true),
    onBlur: ({ target }) =>
      queueMicrotask(
        () => (holdsFocus.current = holdsFocus.current && !target.isConnected)
      )
  };
}

/** How an item is selected. */
export function selectedOf<T, S>(list: {
  toSelected?: (item: T) => S;
}): (item: T) => S {
  return list.toSelected ?? (item => item as unknown as S);
}

/**
 * Select the rows from one to another, which is known; the other becomes the active one.
 *
 * It is selected at once, those between when they are loaded: the cursor does not wait for them.
 */
export async function selectTo<T, S>(
  list: IListCursorOptions<T, S>,
  from: number,
  to: number,
  item: T
): Promise<void> {
  const { source, selection } = list;
  const select = selectedOf(list);
  selection.extend([select(item)]);
  const items = Math.abs(from - to) > 1 ? await itemsBetween(source, from, to) : [];
  if (items && selection.has(source.keyOf(item))) {
    selection.extend([...items.map(select), select(item)]);
  }
}

/** The list as the others of its panel know it. */
function useHandle<T>(
  source: IListSource<T>,
  scroller: React.RefObject<HTMLDivElement>,
  cursor: number,
  go: (index: number) => void
): IListHandle {
  const { lists } = usePanel();
  const current = useRef({ cursor, go });
  current.current = { cursor, go };
  const handle = useMemo<IListHandle>(
    () => ({
      get node() {
        return scroller.current;
      },
      get total() {
        return source.total;
      },
      get cursor() {
        return Math.max(current.current.cursor, 0);
      },
      go: index => current.current.go(index)
    }),
    [source, scroller]
  );
  useEffect(() => lists.add(handle), [lists, handle]);
  return handle;
}
