/**
 * The one list of all panels: only the rows in sight are drawn, and everything works by keyboard.
 */
import { caretDownIcon, caretRightIcon } from '@jupyterlab/ui-components';
import React, { useRef, useState } from 'react';

import { useSignal } from '../hooks';
import { selectedOf, selectTo, useListCursor, type IListCursor } from './listcursor';
import { useListKeys } from './listkeys';
import { itemsBetween, type IListSource } from './listsource';
import { RowLine, type IRow } from './row';
import { useRowDrop, type IRowDrop } from './rowdrop';
import type { Selection } from './selection';

const DRAG_PX = 5;

export interface IVirtualListProps<T, S = T> {
  /** What the list is of, for screen readers. */
  label: string;
  source: IListSource<T>;
  /** May be shared by several lists. */
  selection: Selection<S>;
  /** The item as the selection holds it, under the same key; the item itself if left out. */
  toSelected?: (item: T) => S;
  row: (item: T) => IRow;
  /** Enter or a click; with `details`, also told when those are shown. */
  onOpen?: (item: T) => void;
  /** A heading over the row at an index, where a part of the list begins. */
  heading?: (index: number) => string | null;
  /** What is shown below an open row; without it, opening is up to `onOpen`. */
  details?: (item: T) => React.ReactNode;
  /** F2. */
  onRename?: (item: T) => void;
  /** Delete. */
  onDelete?: (item: T) => void;
  /** Ctrl or Cmd with a letter. */
  accelKeys?: Record<string, (item: T) => void>;
  /** Words to make bold in the rows. */
  words?: readonly string[];
  /** The pointer has moved 5 px since it was pressed on a row. */
  onDrag?: (item: T, clientX: number, clientY: number) => void;
  /** What can be dropped between the rows. */
  drop?: IRowDrop;
  /** Follows the pointer over closed rows. */
  hover?: IRowHover<T>;
  /** Makes the list a tree: what is below a row are rows too. */
  tree?: IListTree<T>;
}

/** How the rows of a tree hang together. */
export interface IListTree<T> {
  /** From 1 at the top. */
  levelOf: (item: T) => number;
  /** Whether what is below a row is shown; undefined where nothing can be. */
  isExpanded: (item: T) => boolean | undefined;
  expand: (item: T, isOpen: boolean) => void;
  /** Index of the row above it in the tree; -1 at the top. */
  parentOf: (item: T) => number;
}

/** What happens while the pointer is over a row, such as a card beside it. */
export interface IRowHover<T> {
  /** The pointer has come to a row. */
  rest: (item: T, row: HTMLElement) => void;
  /** The pointer has left it. */
  leave: () => void;
  /** Something else begins: a key, a click, scrolling. */
  hide: () => void;
}

/** The rows. */
export function VirtualList<T, S = T>(props: IVirtualListProps<T, S>): JSX.Element {
  const { source, selection, label } = props;
  useSignal(source.changed);
  useSignal(selection.changed);
  const list = useListCursor(props);
  const expansion = useExpansion(props);
  const pointer = usePointer(props, list);
  const onKeyDown = useListKeys(keysOf(props, list, expansion));
  const dropIndex = useRowDrop(list.scroller, list.virtualizer, props.drop);
  return (
    <div
      ref={list.scroller}
      className="orrery-list"
      role={props.details || props.tree ? 'treegrid' : 'grid'}
      aria-label={label}
      aria-multiselectable
      aria-rowcount={source.total}
      aria-busy={source.state === 'loading'}
      onKeyDown={event => {
        props.hover?.hide();
        onKeyDown(event);
      }}
      onScroll={() => props.hover?.hide()}
      {...list.focusEvents}
      {...pointer.events}
    >
      <div
        role="presentation"
        className="orrery-rows"
        style={{ height: list.virtualizer.getTotalSize() }}
      >
        {list.virtualizer.getVirtualItems().map(({ index, key, start }) => (
          <ListRow
            key={key}
            list={props}
            cursor={list}
            pointer={pointer}
            expansion={expansion}
            index={index}
            start={start}
            isDropTarget={index === dropIndex}
          />
        ))}
      </div>
    </div>
  );
}

interface IListRowProps<T, S> {
  list: IVirtualListProps<T, S>;
  cursor: IListCursor;
  pointer: IPointer<T>;
  expansion: IExpansionState<T>;
  index: number;
  start: number;
  /** Whether a drop would go in front of the row. */
  isDropTarget: boolean;
}

function ListRow<T, S>(props: IListRowProps<T, S>): JSX.Element {
  const { list, cursor, index } = props;
  const item = list.source.at(index);
  const reachable = index === Math.max(cursor.index, 0);
  const shared = {
    ref: cursor.virtualizer.measureElement,
    'data-index': index,
    role: 'row',
    'aria-rowindex': index + 1,
    tabIndex: reachable ? 0 : -1,
    style: { transform: `translateY(${props.start}px)` } as React.CSSProperties
  };
  if (item === undefined) {
    return (
      <div {...shared} className="orrery-row">
        <div role="gridcell" className="orrery-row-line">
          <span className="orrery-skeleton" />
        </div>
      </div>
    );
  }
  const row = list.row(item);
  const heading = list.heading?.(index);
  const isOpen = props.expansion.isOpen(item);
  const { tree } = list;
  const selected = list.selection.has(list.source.keyOf(item));
  const classes = [
    'orrery-row',
    selected ? 'jp-mod-selected' : '',
    props.isDropTarget ? 'orrery-mod-before' : ''
  ];
  return (
    <div
      {...shared}
      {...row.data}
      className={classes.filter(Boolean).join(' ')}
      title={row.title}
      aria-selected={selected}
      {...(list.details && { 'aria-expanded': isOpen, 'aria-level': 1 })}
      {...(tree && {
        'aria-expanded': tree.isExpanded(item),
        'aria-level': tree.levelOf(item)
      })}
      {...props.pointer.rowEvents(item, isOpen)}
    >
      {heading && (
        <div role="gridcell" className="orrery-row-heading">
          {heading}
        </div>
      )}
      <RowContent {...props} item={item} row={row} reachable={reachable} />
      {isOpen && (
        <div role="gridcell" className="orrery-row-details">
          {list.details?.(item)}
        </div>
      )}
    </div>
  );
}

/** The line of a row, which selects and opens it. */
function RowContent<T, S>(
  props: IListRowProps<T, S> & { item: T; row: IRow; reachable: boolean }
): JSX.Element {
  const { list, expansion, index, item, pointer } = props;
  const { tree } = list;
  return (
    <div
      className="orrery-row-line"
      style={tree && ({ '--orrery-level': tree.levelOf(item) } as React.CSSProperties)}
      onClick={event => {
        pointer.select(event, item, index);
        // The second click of a double one would close what the first has opened.
        if (!isModified(event) && event.detail <= 1) {
          expansion.open(item);
        }
      }}
    >
      {tree && <Twisty tree={tree} item={item} />}
      <RowLine
        row={props.row}
        words={list.words ?? []}
        reachable={props.reachable}
        onAction={() => list.selection.set(selectedOf(list)(item))}
      />
    </div>
  );
}

/** Shows and hides what is below a row of a tree, for the pointer: keys and screen readers have the row itself. */
function Twisty<T>({ tree, item }: { tree: IListTree<T>; item: T }): JSX.Element {
  const isExpanded = tree.isExpanded(item);
  const Caret = isExpanded ? caretDownIcon : caretRightIcon;
  return (
    <div
      role="presentation"
      className="orrery-twisty"
      onClick={event => {
        if (isExpanded !== undefined) {
          event.stopPropagation();
          tree.expand(item, !isExpanded);
        }
      }}
    >
      {isExpanded !== undefined && <Caret.react tag="span" />}
    </div>
  );
}

function isModified(event: React.MouseEvent): boolean {
  return event.shiftKey || event.ctrlKey || event.metaKey;
}

function keysOf<T, S>(
  props: IVirtualListProps<T, S>,
  list: IListCursor,
  expansion: IExpansionState<T>
): Parameters<typeof useListKeys<T>>[0] {
  const { source, selection } = props;
  const selected = selectedOf(props);
  return {
    source,
    handle: list.handle,
    pageRows: list.pageRows,
    go: list.go,
    toggleSelected: item => selection.toggle(selected(item)),
    selectOnly: item => selection.set(selected(item)),
    selectAll: () => void selectAll(props, list.index),
    open: expansion.open,
    expand: props.tree
      ? (item, isOpen) => expandOrMove(props.tree!, list, item, isOpen)
      : props.details && expansion.set,
    rename: props.onRename,
    remove: props.onDelete,
    accelKeys: props.accelKeys
  };
}

/** The arrows of a tree: to the right they open a row, then lead into it; to the left they close it, then lead out. */
function expandOrMove<T>(
  tree: IListTree<T>,
  list: IListCursor,
  item: T,
  isOpen: boolean
): void {
  const isExpanded = tree.isExpanded(item);
  if (isExpanded === !isOpen) {
    tree.expand(item, isOpen);
  } else if (isOpen && isExpanded) {
    list.go(list.index + 1);
  } else if (!isOpen && tree.parentOf(item) >= 0) {
    list.go(tree.parentOf(item));
  }
}

/** Select every item of the list, loaded or not; the row with the focus stays the active one. */
async function selectAll<T, S>(
  props: IVirtualListProps<T, S>,
  cursor: number
): Promise<void> {
  const { source, selection } = props;
  const items = await itemsBetween(source, 0, source.total - 1);
  const active = source.at(cursor);
  selection.extend(
    [...(items ?? []), ...(active ? [active] : [])].map(selectedOf(props))
  );
}

interface IExpansionState<T> {
  isOpen: (item: T) => boolean;
  set: (item: T, isOpen: boolean) => void;
  /** Show or hide the details; without details, open the item. */
  open: (item: T) => void;
}

/** Which rows show their details. */
function useExpansion<T, S>(props: IVirtualListProps<T, S>): IExpansionState<T> {
  const { source, details, onOpen } = props;
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const set = (item: T, isOpen: boolean): void => {
    const next = new Set(open);
    if (isOpen) {
      next.add(source.keyOf(item));
      onOpen?.(item);
    } else {
      next.delete(source.keyOf(item));
    }
    setOpen(next);
  };
  const isOpen = (item: T): boolean => open.has(source.keyOf(item));
  return {
    isOpen,
    set,
    open: item => (details ? set(item, !isOpen(item)) : onOpen?.(item))
  };
}

interface IPointer<T> {
  /** Events of the list. */
  events: React.DOMAttributes<HTMLElement>;
  /** Events of a row. */
  rowEvents: (item: T, isOpen: boolean) => React.DOMAttributes<HTMLElement>;
  select: (event: React.MouseEvent, item: T, index: number) => void;
}

/** What the pointer does: selecting, dragging, resting. */
function usePointer<T, S>(
  props: IVirtualListProps<T, S>,
  list: IListCursor
): IPointer<T> {
  const { source, selection, onDrag, hover } = props;
  const selected = selectedOf(props);
  const pressed = useRef<{ x: number; y: number; item: T } | null>(null);
  const onPointerMove = (event: React.PointerEvent): void => {
    const from = pressed.current;
    if (!from || !onDrag || event.buttons !== 1) {
      return;
    }
    if (Math.hypot(event.clientX - from.x, event.clientY - from.y) >= DRAG_PX) {
      pressed.current = null;
      hover?.hide();
      onDrag(from.item, event.clientX, event.clientY);
    }
  };
  return {
    events: { onPointerMove, onPointerUp: () => (pressed.current = null) },
    rowEvents: (item, isOpen) => ({
      onContextMenu: () => {
        hover?.hide();
        if (!selection.has(source.keyOf(item))) {
          selection.set(selected(item));
        }
      },
      onPointerDown: event => {
        hover?.hide();
        if (event.button === 0) {
          pressed.current = { x: event.clientX, y: event.clientY, item };
        }
      },
      onPointerEnter: event => !isOpen && hover?.rest(item, event.currentTarget),
      onPointerLeave: () => hover?.leave()
    }),
    select: (event, item, index) => {
      const from = list.index;
      list.place(index);
      if (event.shiftKey && from >= 0) {
        void selectTo(props, from, index, item);
      } else if (event.ctrlKey || event.metaKey) {
        selection.toggle(selected(item));
      } else {
        selection.set(selected(item));
      }
    }
  };
}
