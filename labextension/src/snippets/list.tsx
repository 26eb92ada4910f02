/**
 * The list of snippets: only the rows in sight are drawn, and everything works by keyboard.
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

import { useChanges } from '../base/hooks';
import { notifyError } from '../base/notify';
import { CommandIDs } from './commands';
import { useScreen } from './hooks';
import { HoverCard, useHover } from './hover';
import { useReorder } from './reorder';
import { Row } from './row';
import type { Snippet } from './schemas';

/** The height of the file browser's rows. */
const ROW_PX = 26;
const OVERSCAN = 10;
const TYPE_AHEAD_MS = 600;
const DRAG_PX = 5;

export interface IListProps {
  onSearch: () => void;
}

/** The rows. */
export function SnippetList({ onSearch }: IListProps): JSX.Element {
  const { bench, commands, drag } = useScreen();
  const { model, selection, preferences, trans } = bench;
  useChanges(model.changed);
  useChanges(selection.changed);
  useChanges(bench.inserter.targetChanged);

  const scroller = useRef<HTMLDivElement>(null);
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(new Set());
  const [place, setPlace] = useState(0);
  const following = useRef(false);
  const known = selection.active ? model.indexOf(selection.active.id) : -1;
  const cursor = Math.min(
    known >= 0 && !following.current ? known : place,
    model.total - 1
  );

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
    count: model.total,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: index => model.at(index)?.id ?? index,
    overscan: OVERSCAN,
    rangeExtractor
  });
  const seen = rows.range;
  useEffect(() => {
    if (seen) {
      model.show(seen.startIndex, seen.endIndex);
    }
  }, [model, seen?.startIndex, seen?.endIndex, model.total, model.state]);
  useEffect(() => {
    rows.scrollToOffset(0);
    setPlace(0);
  }, [model.generation]);

  // A row that the keyboard went to may have to be loaded or drawn first; and a focused row that a new list
  // does not have takes the focus away with it.
  const held = useRef(false);
  useLayoutEffect(() => {
    if (held.current && document.activeElement === document.body) {
      following.current = true;
    }
    if (!following.current) {
      return;
    }
    const row = model.at(place);
    const node = scroller.current?.querySelector<HTMLElement>(
      `[data-index="${place}"]`
    );
    node?.focus({ preventScroll: true });
    if (row && node) {
      following.current = false;
      selection.set(row);
    }
  });

  const go = (index: number): void => {
    const next = Math.max(0, Math.min(index, model.total - 1));
    following.current = true;
    setPlace(next);
    rows.scrollToIndex(next, { align: 'auto' });
  };
  const expand = (snippet: Snippet, open: boolean): void => {
    const next = new Set(expanded);
    if (open) {
      next.add(snippet.id);
      if (snippet.unseen) {
        model
          .mark(snippet.id, { seen: true })
          .catch(error => notifyError(error, trans));
      }
    } else {
      next.delete(snippet.id);
    }
    setExpanded(next);
  };
  const hover = useHover(preferences.preview);
  const reorder = useReorder(scroller, rows, preferences.sort === 'position');
  const onKeyDown = useKeys({ cursor, go, expand, expanded, onSearch, pageRows: seen });

  const pressed = useRef<{ x: number; y: number; snippet: Snippet } | null>(null);
  const onPointerMove = (event: React.PointerEvent): void => {
    const from = pressed.current;
    if (!from || !drag || event.buttons !== 1) {
      return;
    }
    if (Math.hypot(event.clientX - from.x, event.clientY - from.y) >= DRAG_PX) {
      pressed.current = null;
      hover.hide();
      void drag.start(from.snippet, event.clientX, event.clientY);
    }
  };
  const select = (event: React.MouseEvent, snippet: Snippet, index: number): void => {
    following.current = false;
    setPlace(index);
    if (event.shiftKey && cursor >= 0) {
      const [from, to] = [Math.min(cursor, index), Math.max(cursor, index)];
      for (let at = from; at <= to; at++) {
        const row = model.at(at);
        if (row) {
          selection.extend(row);
        }
      }
      selection.extend(snippet);
    } else if (event.ctrlKey || event.metaKey) {
      selection.toggle(snippet);
    } else {
      selection.set(snippet);
    }
  };
  const words = (model.query.q ?? '').split(/\s+/);

  return (
    <div
      ref={scroller}
      className="orrery-snippets-list"
      role="treegrid"
      aria-label={trans.__('Snippets')}
      aria-multiselectable
      aria-rowcount={model.total}
      aria-busy={model.state === 'loading'}
      onKeyDown={event => {
        hover.hide();
        onKeyDown(event);
      }}
      onFocus={() => (held.current = true)}
      onBlur={({ target }) =>
        queueMicrotask(() => (held.current = held.current && !target.isConnected))
      }
      onPointerMove={onPointerMove}
      onPointerUp={() => (pressed.current = null)}
      onScroll={hover.hide}
    >
      <div
        role="presentation"
        className="orrery-snippets-rows"
        style={{ height: rows.getTotalSize() }}
      >
        {rows.getVirtualItems().map(item => {
          const snippet = model.at(item.index);
          const shared = {
            key: item.key,
            ref: rows.measureElement,
            'data-index': item.index,
            role: 'row',
            'aria-rowindex': item.index + 1,
            'aria-level': 1,
            tabIndex: item.index === Math.max(cursor, 0) ? 0 : -1,
            style: { transform: `translateY(${item.start}px)` }
          };
          if (!snippet) {
            return (
              <div {...shared} className="orrery-snippets-row orrery-mod-loading">
                <div role="gridcell" className="orrery-snippets-line">
                  <span className="orrery-skeleton" />
                </div>
              </div>
            );
          }
          const open = expanded.has(snippet.id);
          return (
            <div
              {...shared}
              className={
                'orrery-snippets-row' +
                (selection.has(snippet.id) ? ' jp-mod-selected' : '') +
                (reorder === item.index ? ' orrery-mod-before' : '')
              }
              data-id={snippet.id}
              data-writable={snippet.writable}
              data-library={Boolean(snippet.library)}
              aria-selected={selection.has(snippet.id)}
              aria-expanded={open}
              onClick={event => select(event, snippet, item.index)}
              onContextMenu={() => {
                hover.hide();
                if (!selection.has(snippet.id)) {
                  selection.set(snippet);
                }
              }}
              onDoubleClick={() =>
                void commands.execute(CommandIDs.insert, { id: snippet.id })
              }
              onPointerDown={event => {
                hover.hide();
                if (event.button === 0) {
                  pressed.current = { x: event.clientX, y: event.clientY, snippet };
                }
              }}
              onPointerEnter={event => {
                if (!open) {
                  hover.rest(snippet, event.currentTarget);
                }
              }}
              onPointerLeave={hover.leave}
            >
              <Row
                snippet={snippet}
                index={item.index}
                words={words}
                active={item.index === cursor}
                selected={selection.has(snippet.id)}
                expanded={open}
              />
            </div>
          );
        })}
      </div>
      {hover.shown && (
        <HoverCard {...hover.shown} onEnter={hover.stay} onLeave={hover.leave} />
      )}
    </div>
  );
}

interface IKeysOptions {
  cursor: number;
  go: (index: number) => void;
  expand: (snippet: Snippet, open: boolean) => void;
  expanded: ReadonlySet<string>;
  onSearch: () => void;
  pageRows: { startIndex: number; endIndex: number } | null;
}

/** What the keys do while a row has the focus. */
function useKeys(options: IKeysOptions): (event: React.KeyboardEvent) => void {
  const { cursor, go, expand, expanded, onSearch, pageRows } = options;
  const { bench, commands } = useScreen();
  const { model, selection } = bench;
  const typed = useRef({ text: '', at: 0 });
  return event => {
    const row = (event.target as HTMLElement).closest<HTMLElement>('[role=row]');
    if (event.target !== row) {
      if (event.key === 'Escape') {
        row?.focus();
      }
      return;
    }
    const snippet = model.at(cursor);
    const open = snippet !== undefined && expanded.has(snippet.id);
    const page = Math.max(
      1,
      (pageRows?.endIndex ?? 10) - (pageRows?.startIndex ?? 0) - 1
    );
    const run = (command: string): void =>
      void (snippet && commands.execute(command, { id: snippet.id }));
    const accel = event.ctrlKey || event.metaKey;
    const keys: Record<string, () => void> = {
      ArrowDown: () => go(cursor + 1),
      ArrowUp: () => go(cursor - 1),
      PageDown: () => go(cursor + page),
      PageUp: () => go(cursor - page),
      Home: () => go(0),
      End: () => go(model.total - 1),
      ArrowRight: () => snippet && expand(snippet, true),
      ArrowLeft: () => snippet && expand(snippet, false),
      ' ': () => snippet && expand(snippet, !open),
      Enter: () => run(CommandIDs.insert),
      F2: () => run(CommandIDs.edit),
      Delete: () => run(CommandIDs.delete),
      Escape: () => selection.set(snippet ?? null),
      '/': onSearch
    };
    const withAccel: Record<string, () => void> = {
      c: () => run(CommandIDs.copy),
      d: () => run(CommandIDs.duplicate),
      f: onSearch
    };
    const action = accel ? withAccel[event.key.toLowerCase()] : keys[event.key];
    if (action && !event.altKey) {
      event.preventDefault();
      event.stopPropagation();
      action();
    } else if (event.key.length === 1 && !accel && !event.altKey) {
      const now = Date.now();
      const fresh = now - typed.current.at > TYPE_AHEAD_MS;
      const text = fresh ? event.key : typed.current.text + event.key;
      typed.current = { text, at: now };
      const found = model.seek(text, Math.max(cursor, 0) + (text.length === 1 ? 1 : 0));
      if (found >= 0) {
        go(found);
      }
    }
  };
}
