/**
 * Dropping something between the rows of a list.
 */
import type { Drag } from '@lumino/dragdrop';
import type { Virtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState, type RefObject } from 'react';

const EVENTS = ['lm-dragenter', 'lm-dragover', 'lm-dragleave', 'lm-drop'] as const;

/** What can be dropped between rows. */
export interface IRowDrop {
  /** Type of the dragged data. */
  mime: string;
  /** Called with the data and the index of the row in front of which it was dropped. */
  onDrop: (data: unknown, index: number) => void;
}

/** The index of the row in front of which a drop would go; null while nothing is dragged over the list. */
export function useRowDrop(
  scroller: RefObject<HTMLElement>,
  virtualizer: Virtualizer<HTMLDivElement, Element>,
  drop: IRowDrop | undefined
): number | null {
  const [before, setBefore] = useState<number | null>(null);
  const current = useRef(drop);
  current.current = drop;
  useEffect(() => {
    const node = scroller.current;
    if (!node || !drop) {
      return;
    }
    const listen = (raw: Event): void => {
      const event = raw as Drag.Event;
      const { mime, onDrop } = current.current ?? drop;
      if (!event.mimeData.hasData(mime)) {
        return;
      }
      event.preventDefault();
      event.stopPropagation();
      if (event.type === 'lm-dragover') {
        event.dropAction = event.proposedAction;
        setBefore(indexAt(event.clientY, node, virtualizer));
      } else if (event.type !== 'lm-dragenter') {
        setBefore(null);
      }
      if (event.type === 'lm-drop') {
        event.dropAction = event.proposedAction;
        onDrop(event.mimeData.getData(mime), indexAt(event.clientY, node, virtualizer));
      }
    };
    EVENTS.forEach(name => node.addEventListener(name, listen));
    return () => EVENTS.forEach(name => node.removeEventListener(name, listen));
  }, [scroller, virtualizer, drop === undefined]);
  return before;
}

/** Index of the first row whose middle is below a height of the window. */
function indexAt(
  clientY: number,
  node: HTMLElement,
  virtualizer: Virtualizer<HTMLDivElement, Element>
): number {
  const offset = clientY - node.getBoundingClientRect().top + node.scrollTop;
  const row = virtualizer.getVirtualItemForOffset(offset);
  if (!row) {
    return virtualizer.options.count;
  }
  return offset > row.start + row.size / 2 ? row.index + 1 : row.index;
}
