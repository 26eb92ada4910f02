/**
 * The row that the keys of a list are about.
 */
import { useEffect, useState } from 'react';
import type React from 'react';

export interface ICursor {
  readonly index: number;
  move(index: number): void;
  onKeyDown(event: React.KeyboardEvent): void;
}

export interface ICursorProps {
  readonly total: number;
  /** How many rows are in sight. */
  readonly pageRows: () => number;
  readonly onMove: (index: number) => void;
  readonly onOpen: (index: number) => void;
  readonly onToggle: (index: number) => void;
}

/** The arrow keys move it, Enter opens its row, Space chooses it. */
export function useCursor(props: ICursorProps): ICursor {
  const [index, setIndex] = useState(0);
  const last = Math.max(0, props.total - 1);
  useEffect(() => setIndex(known => Math.min(known, last)), [last]);
  const move = (to: number) => {
    const next = Math.min(Math.max(0, to), last);
    setIndex(next);
    props.onMove(next);
  };
  const keys: Record<string, () => void> = {
    ArrowDown: () => move(index + 1),
    ArrowUp: () => move(index - 1),
    End: () => move(last),
    Home: () => move(0),
    PageDown: () => move(index + props.pageRows()),
    PageUp: () => move(index - props.pageRows()),
    Enter: () => props.onOpen(index),
    ' ': () => props.onToggle(index)
  };
  return {
    index,
    move: setIndex,
    onKeyDown: event => {
      // A button of the head or a checkbox has keys of its own.
      if (event.target === event.currentTarget && event.key in keys) {
        keys[event.key]();
        event.preventDefault();
      }
    }
  };
}
