/**
 * Rows of which only those in sight are drawn; all of them can be reached and opened by keyboard.
 */
import {
  defaultRangeExtractor,
  useVirtualizer,
  type Range
} from '@tanstack/react-virtual';
import React, {
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState
} from 'react';

const OVERSCAN = 8;
const HEADERS_PX = 26;
const TYPE_AHEAD_MS = 600;

/** What is drawn of one row. */
export interface IRow {
  open: boolean;
  /** Whether the keys are here. */
  active: boolean;
}

export interface IRowsProps {
  count: number;
  /** Grows when other rows are listed: the list begins at its top again. */
  generation: number;
  label: string;
  /** Over the columns of the rows; read out with each. */
  headers: readonly string[];
  height: number;
  /** What a row is remembered by. */
  keyOf: (place: number) => string | number;
  /** What typing goes to. */
  nameOf: (place: number) => string;
  draw: (place: number, row: IRow) => React.ReactNode;
  onShow?: (from: number, to: number) => void;
  onSearch?: () => void;
  busy?: boolean;
  className?: string;
}

/** A grid of rows that open. */
export function Rows(props: IRowsProps): JSX.Element {
  const { count, generation, keyOf, onShow } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [opened, setOpened] = useState<ReadonlySet<string | number>>(new Set());
  const [place, setPlace] = useState(0);
  const following = useRef(false);
  const cursor = Math.min(place, count - 1);
  const rangeExtractor = useCallback(
    (range: Range) => {
      const rows = defaultRangeExtractor(range);
      // The row that has the focus stays, or scrolling would lose the focus.
      return cursor < 0 || rows.includes(cursor)
        ? rows
        : [...rows, cursor].sort((one, other) => one - other);
    },
    [cursor]
  );
  const rows = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => props.height,
    overscan: OVERSCAN,
    scrollMargin: HEADERS_PX,
    scrollPaddingStart: HEADERS_PX,
    rangeExtractor
  });
  const seen = rows.range;
  useEffect(() => {
    if (seen) {
      onShow?.(seen.startIndex, seen.endIndex);
    }
  }, [seen?.startIndex, seen?.endIndex, count, generation]);
  useEffect(() => {
    rows.measure();
    rows.scrollToOffset(0);
    setPlace(0);
  }, [generation]);
  // A row that the keyboard went to may have to be drawn first.
  useLayoutEffect(() => {
    const node = following.current
      ? scroller.current?.querySelector<HTMLElement>(`[data-index="${place}"]`)
      : null;
    if (node) {
      following.current = false;
      node.focus({ preventScroll: true });
    }
  });
  const go = (to: number): void => {
    const next = Math.max(0, Math.min(to, count - 1));
    following.current = true;
    setPlace(next);
    rows.scrollToIndex(next, { align: 'auto' });
  };
  const open = (at: number, wide: boolean): void => {
    const next = new Set(opened);
    if (wide) {
      next.add(keyOf(at));
    } else {
      next.delete(keyOf(at));
    }
    setOpened(next);
  };
  const isOpen = (at: number): boolean => opened.has(keyOf(at));
  const page = Math.max(1, (seen?.endIndex ?? 10) - (seen?.startIndex ?? 0) - 1);
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
      <div ref={scroller} role="presentation" className="orrery-eda-view-scroller">
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
          {rows.getVirtualItems().map(item => {
            const row = { open: isOpen(item.index), active: item.index === cursor };
            return (
              <div
                key={item.key}
                ref={rows.measureElement}
                data-index={item.index}
                role="row"
                aria-rowindex={item.index + 2}
                aria-level={1}
                aria-expanded={row.open}
                tabIndex={item.index === Math.max(cursor, 0) ? 0 : -1}
                className="orrery-eda-view-row"
                style={{ transform: `translateY(${item.start - HEADERS_PX}px)` }}
                onFocus={() => setPlace(item.index)}
                onClick={event => {
                  if (inLine(event.target)) {
                    following.current = false;
                    setPlace(item.index);
                    open(item.index, !row.open);
                  }
                }}
              >
                <React.Fragment key={keyOf(item.index)}>
                  {props.draw(item.index, row)}
                </React.Fragment>
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** Whether a click was on the line that opens the row, not on what is below it. */
function inLine(target: EventTarget): boolean {
  const within = target as Element;
  return within.closest('.orrery-eda-view-line') !== null && !within.closest('button');
}

interface IKeysOptions extends IRowsProps {
  cursor: number;
  page: number;
  go: (to: number) => void;
  open: (at: number, wide: boolean) => void;
  isOpen: (at: number) => boolean;
}

/** What the keys do while a row has the focus. */
function useKeys(options: IKeysOptions): (event: React.KeyboardEvent) => void {
  const { cursor, page, count, go, open, isOpen, nameOf, onSearch } = options;
  const typed = useRef({ text: '', at: 0 });
  const seek = (text: string, from: number): number => {
    const wanted = text.toLowerCase();
    for (let step = 0; step < count; step++) {
      const at = (from + step) % count;
      if (nameOf(at).toLowerCase().startsWith(wanted)) {
        return at;
      }
    }
    return -1;
  };
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
      const now = Date.now();
      const fresh = now - typed.current.at > TYPE_AHEAD_MS;
      const text = fresh ? event.key : typed.current.text + event.key;
      typed.current = { text, at: now };
      const found = seek(text, Math.max(cursor, 0) + (fresh ? 1 : 0));
      if (found >= 0) {
        go(found);
      }
    }
  };
}
