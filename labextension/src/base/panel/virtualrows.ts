/**
 * What all lists have in common that draw only the rows in sight.
 */
import { defaultRangeExtractor, type Range } from '@tanstack/react-virtual';
import { useCallback, useRef } from 'react';

const TYPE_AHEAD_MS = 600;

/** The rows to draw: those in sight, and the one that has the focus, or scrolling would lose it. */
export function useRangeWith(cursor: number): (range: Range) => number[] {
  return useCallback(
    range => {
      const rows = defaultRangeExtractor(range);
      return cursor < 0 || rows.includes(cursor)
        ? rows
        : [...rows, cursor].sort((a, b) => a - b);
    },
    [cursor]
  );
}

/** Where typing starts, how its text is found, and what it leads to. */
export interface ITypeAhead {
  cursor: number;
  /** Index of the first row from `start` on, wrapping around, whose name begins with `text`; or -1. */
  find: (text: string, start: number) => number;
  go: (index: number) => void;
}

/** Goes to the row whose name begins with what is typed without a pause. */
export function useTypeAhead(list: ITypeAhead): (key: string) => void {
  const typed = useRef({ text: '', at: 0 });
  return key => {
    const now = Date.now();
    const isNew = now - typed.current.at > TYPE_AHEAD_MS;
    const text = isNew ? key : typed.current.text + key;
    typed.current = { text, at: now };
    // The first letter leads on; more of them may fit where the cursor is.
    const start = Math.max(list.cursor, 0) + (text.length === 1 ? 1 : 0);
    const index = list.find(text, start);
    if (index >= 0) {
      list.go(index);
    }
  };
}
