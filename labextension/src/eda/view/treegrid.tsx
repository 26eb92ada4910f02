/**
 * Rows of which only those in sight are drawn; all of them can be reached and opened by keyboard.
 */
import {
  useVirtualizer,
  type VirtualItem,
  type Virtualizer
} from '@tanstack/react-virtual';
import React, { useEffect, useLayoutEffect, useRef, useState } from 'react';

import { findByPrefix } from '../../base/panel/listsource';
import { useRangeWith, useTypeAhead } from '../../base/panel/virtualrows';

const OVERSCAN = 8;
const MOST_OPENING = 200;
const HEADERS_PX = 26;

/** What is drawn of one row. */
export interface ITreeRow {
  open: boolean;
  /** Whether the keys are here. */
  active: boolean;
}

export interface ITreeGridProps {
  count: number;
  /** Grows when other rows are listed: the list begins at its top again. */
  generation: number;
  label: string;
  /** Over the columns of the rows; read out with each. */
  headers: readonly string[];
  height: number;
  /** What a row is remembered by. */
  keyOf: (index: number) => string | number;
  /** What typing goes to. */
  nameOf: (index: number) => string;
  /** The name of a row that is opened as soon as it is listed. */
  opening?: string | null;
  draw: (index: number, row: ITreeRow) => React.ReactNode;
  onShow?: (from: number, to: number) => void;
  onSearch?: () => void;
  busy?: boolean;
  className?: string;
}

/** A grid of rows that open. */
export function TreeGrid(props: ITreeGridProps): JSX.Element {
  const { count } = props;
  const { isOpen, open } = useOpenRows(props);
  const list = useVirtualRows(props);
  const { rows, cursor, go, moveTo } = list;
  const range = rows.range;
  const page = Math.max(1, (range?.endIndex ?? 10) - (range?.startIndex ?? 0) - 1);
  const onKeyDown = useKeys({ ...props, cursor, page, go, open, isOpen });
  return (
    <div
      className={`orrery-eda-view-list ${props.className ?? ''}`}
      role="treegrid"
      aria-label={props.label}
      aria-rowcount={count + 1}
      aria-busy={props.busy}
      onKeyDown={onKeyDown}
    >
      <div ref={list.scroller} role="presentation" className="orrery-eda-view-scroller">
        <div role="row" aria-rowindex={1} className="orrery-eda-view-headers">
          {props.headers.map(header => (
            <span key={header} role="columnheader">
              {header}
            </span>
          ))}
        </div>
        <div
          role="presentation"
          className="orrery-eda-view-rows"
          style={{ blockSize: rows.getTotalSize() }}
        >
          {rows.getVirtualItems().map(item => (
            <TreeRow
              key={item.key}
              {...props}
              item={item}
              measure={rows.measureElement}
              open={isOpen(item.index)}
              active={item.index === cursor}
              reachable={item.index === Math.max(cursor, 0)}
              onReach={() => moveTo(item.index)}
              onToggle={() => open(item.index, !isOpen(item.index))}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

interface IOpenRows {
  isOpen: (index: number) => boolean;
  /** Open the row, or close it. */
  open: (index: number, wide: boolean) => void;
}

/** Which rows are open, by their keys; the one that `opening` names is. */
function useOpenRows(props: ITreeGridProps): IOpenRows {
  const { count, keyOf, opening = null, nameOf } = props;
  const [opened, setOpened] = useState<ReadonlySet<string | number>>(new Set());
  const place = opening === null ? -1 : placeOf(opening, count, nameOf);
  useEffect(() => {
    if (place >= 0) {
      setOpened(before => new Set(before).add(keyOf(place)));
    }
  }, [opening, place, props.generation]);
  return {
    isOpen: index => opened.has(keyOf(index)),
    open: (index, wide) => {
      const next = new Set(opened);
      if (wide) {
        next.add(keyOf(index));
      } else {
        next.delete(keyOf(index));
      }
      setOpened(next);
    }
  };
}

/** Where a name is among the first rows; -1 if it is not there. */
function placeOf(
  name: string,
  count: number,
  nameOf: (index: number) => string
): number {
  for (let index = 0; index < Math.min(count, MOST_OPENING); index++) {
    if (nameOf(index) === name) {
      return index;
    }
  }
  return -1;
}

interface ITreeRowProps extends ITreeGridProps, ITreeRow {
  item: VirtualItem;
  measure: (node: Element | null) => void;
  /** Whether the tab key leads here. */
  reachable: boolean;
  onReach: () => void;
  onToggle: () => void;
}

function TreeRow(props: ITreeRowProps): JSX.Element {
  const { item, open, active, keyOf, draw } = props;
  const { index, start } = item;
  return (
    <div
      ref={props.measure}
      data-index={index}
      role="row"
      aria-rowindex={index + 2}
      aria-level={1}
      aria-expanded={open}
      tabIndex={props.reachable ? 0 : -1}
      className="orrery-eda-view-row"
      style={{ transform: `translateY(${start - HEADERS_PX}px)` }}
      onFocus={props.onReach}
      onClick={event => {
        if (isOnLine(event.target)) {
          props.onReach();
          props.onToggle();
        }
      }}
    >
      <React.Fragment key={keyOf(index)}>
        {draw(index, { open, active })}
      </React.Fragment>
    </div>
  );
}

interface IVirtualRows {
  scroller: React.RefObject<HTMLDivElement>;
  rows: Virtualizer<HTMLDivElement, Element>;
  cursor: number;
  /** Move the cursor, the focus and what is in sight. */
  go: (to: number) => void;
  /** Move the cursor to what has the focus already. */
  moveTo: (to: number) => void;
}

/** The rows in sight, and the one that has the focus, which stays drawn. */
function useVirtualRows(props: ITreeGridProps): IVirtualRows {
  const { count, generation, onShow } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [position, setPosition] = useState(0);
  const isFollowing = useRef(false);
  const cursor = Math.min(position, count - 1);
  const rangeExtractor = useRangeWith(cursor);
  const rows = useVirtualizer<HTMLDivElement, Element>({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => props.height,
    overscan: OVERSCAN,
    scrollMargin: HEADERS_PX,
    scrollPaddingStart: HEADERS_PX,
    rangeExtractor
  });
  const { range } = rows;
  useEffect(() => {
    if (range) {
      onShow?.(range.startIndex, range.endIndex);
    }
  }, [range?.startIndex, range?.endIndex, count, generation]);
  useEffect(() => {
    rows.measure();
    rows.scrollToOffset(0);
    setPosition(0);
  }, [generation]);
  // A row that the keyboard went to may have to be drawn first.
  useLayoutEffect(() => {
    const node = isFollowing.current
      ? scroller.current?.querySelector<HTMLElement>(`[data-index="${position}"]`)
      : null;
    if (node) {
      isFollowing.current = false;
      node.focus({ preventScroll: true });
    }
  });
  const moveTo = (to: number): void => {
    isFollowing.current = false;
    setPosition(to);
  };
  const go = (to: number): void => {
    const next = Math.max(0, Math.min(to, count - 1));
    isFollowing.current = true;
    setPosition(next);
    rows.scrollToIndex(next, { align: 'auto' });
  };
  return { scroller, rows, cursor, go, moveTo };
}

/** Whether a click was on the line that opens the row, not on what is below it. */
function isOnLine(target: EventTarget): boolean {
  const node = target as Element;
  return node.closest('.orrery-eda-view-line') !== null && !node.closest('button');
}

interface IKeysOptions extends ITreeGridProps {
  cursor: number;
  page: number;
  go: (to: number) => void;
  open: (index: number, wide: boolean) => void;
  isOpen: (index: number) => boolean;
}

/** What the keys do while a row has the focus. */
function useKeys(options: IKeysOptions): (event: React.KeyboardEvent) => void {
  const { cursor, page, count, go, open, isOpen, nameOf, onSearch } = options;
  const typeAhead = useTypeAhead({
    cursor,
    find: (text, start) => findByPrefix(nameOf, count, text, start),
    go
  });
  return event => {
    const row = (event.target as HTMLElement).closest<HTMLElement>('[role=row]');
    if (event.target !== row) {
      if (event.key === 'Escape') {
        event.stopPropagation();
        row?.focus();
      }
      return;
    }
    const keys: Record<string, () => void> = {
      ArrowDown: () => go(cursor + 1),
      ArrowUp: () => go(cursor - 1),
      PageDown: () => go(cursor + page),
      PageUp: () => go(cursor - page),
      Home: () => go(0),
      End: () => go(count - 1),
      ArrowRight: () => open(cursor, true),
      ArrowLeft: () => open(cursor, false),
      Enter: () => open(cursor, !isOpen(cursor)),
      ' ': () => open(cursor, !isOpen(cursor)),
      '/': () => onSearch?.()
    };
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const action = plain ? keys[event.key] : undefined;
    if (action) {
      event.preventDefault();
      event.stopPropagation();
      action();
    } else if (plain && event.key.length === 1) {
      typeAhead(event.key);
    }
  };
}
