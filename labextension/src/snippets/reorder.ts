/**
 * Dragging rows into the person's own order.
 */
import type { Drag } from '@lumino/dragdrop';
import type { Virtualizer } from '@tanstack/react-virtual';
import { useEffect, useState, type RefObject } from 'react';

import { notifyError } from '../base/notify';
import { SNIPPET_MIME } from './drag';
import { useScreen } from './hooks';
import type { Snippet } from './schemas';

const EVENTS = ['lm-dragenter', 'lm-dragover', 'lm-dragleave', 'lm-drop'] as const;

/** The row that a dragged snippet would be put in front of; null while none is dragged. */
export function useReorder(
  scroller: RefObject<HTMLElement>,
  rows: Virtualizer<HTMLDivElement, Element>,
  enabled: boolean
): number | null {
  const { bench } = useScreen();
  const { model, trans } = bench;
  const [before, setBefore] = useState<number | null>(null);
  useEffect(() => {
    const node = scroller.current;
    if (!node || !enabled) {
      return;
    }
    const place = (event: Drag.Event): number => {
      const top = node.getBoundingClientRect().top;
      const offset = event.clientY - top + node.scrollTop;
      const item = rows.getVirtualItemForOffset(offset);
      if (!item) {
        return model.total;
      }
      return offset > item.start + item.size / 2 ? item.index + 1 : item.index;
    };
    const listen = (raw: Event): void => {
      const event = raw as Drag.Event;
      if (!event.mimeData.hasData(SNIPPET_MIME)) {
        return;
      }
      event.preventDefault();
      event.stopPropagation();
      if (event.type === 'lm-dragover') {
        event.dropAction = event.proposedAction;
        setBefore(place(event));
      } else if (event.type !== 'lm-dragenter') {
        setBefore(null);
      }
      if (event.type === 'lm-drop') {
        const snippet = event.mimeData.getData(SNIPPET_MIME) as Snippet;
        event.dropAction = event.proposedAction;
        model.move(snippet.id, place(event)).catch(error => notifyError(error, trans));
      }
    };
    EVENTS.forEach(name => node.addEventListener(name, listen));
    return () => EVENTS.forEach(name => node.removeEventListener(name, listen));
  }, [scroller, rows, enabled, model, trans]);
  return before;
}
