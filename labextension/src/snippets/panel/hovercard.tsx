/**
 * A card beside the panel that shows the snippet the pointer rests on.
 */
import React, {
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState
} from 'react';
import { createPortal } from 'react-dom';

import type { IRowHover } from '../../base/panel/virtuallist';
import type { Snippet } from '../schemas';
import { Preview } from './preview';

const REST_MS = 700;
const LEAVE_MS = 200;
const MARGIN_PX = 8;

/** What a card shows, and beside what. */
export interface ICard {
  snippet: Snippet;
  anchor: HTMLElement;
}

/** When the card is shown: after a rest of the pointer, until it leaves both row and card. */
export function useHover(
  enabled: boolean
): IRowHover<Snippet> & { card: ICard | null; stay: () => void } {
  const [card, setCard] = useState<ICard | null>(null);
  const timer = useRef(0);
  const after = useCallback((milliseconds: number, next: ICard | null) => {
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => setCard(next), milliseconds);
  }, []);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  useEffect(() => {
    if (!card) {
      return;
    }
    const close = (event: Event): void => {
      if (event instanceof KeyboardEvent ? event.key === 'Escape' : true) {
        after(0, null);
      }
    };
    document.addEventListener('keydown', close, true);
    window.addEventListener('blur', close);
    return () => {
      document.removeEventListener('keydown', close, true);
      window.removeEventListener('blur', close);
    };
  }, [card, after]);
  return {
    card,
    rest: (snippet, anchor) => {
      if (enabled) {
        after(REST_MS, { snippet, anchor });
      }
    },
    stay: () => window.clearTimeout(timer.current),
    leave: () => after(LEAVE_MS, null),
    hide: () => {
      window.clearTimeout(timer.current);
      setCard(null);
    }
  };
}

/** Put a card beside the panel of its row; below or above the row where there is no room: it never covers it. */
function placeCard(node: HTMLElement, anchor: HTMLElement): void {
  const row = anchor.getBoundingClientRect();
  const panel = (anchor.closest('.orrery-snippets') ?? anchor).getBoundingClientRect();
  const { innerHeight, innerWidth } = window;
  const needed = node.offsetWidth + 2 * MARGIN_PX;
  const isRight = innerWidth - panel.right >= needed;
  const { style } = node;
  if (isRight || panel.left >= needed) {
    const lowest = Math.max(MARGIN_PX, innerHeight - node.offsetHeight - MARGIN_PX);
    style.maxHeight = '';
    style.left = `${isRight ? panel.right + MARGIN_PX : panel.left - needed + MARGIN_PX}px`;
    style.top = `${Math.min(Math.max(MARGIN_PX, row.top), lowest)}px`;
    return;
  }
  const below = innerHeight - row.bottom;
  const isBelow = below >= row.top;
  style.maxHeight = `${Math.max(below, row.top) - 2 * MARGIN_PX}px`;
  style.left = `${Math.max(MARGIN_PX, Math.min(row.left, innerWidth - needed + MARGIN_PX))}px`;
  style.top = `${isBelow ? row.bottom + MARGIN_PX : row.top - MARGIN_PX - node.offsetHeight}px`;
}

/** The card. */
export function HoverCard(
  props: ICard & { onEnter: () => void; onLeave: () => void }
): JSX.Element {
  const { snippet, anchor } = props;
  const host = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const node = host.current!;
    const place = (): void => placeCard(node, anchor);
    place();
    // Colours and requirements arrive later and change its height.
    const observer = new ResizeObserver(place);
    observer.observe(node);
    return () => observer.disconnect();
  }, [snippet, anchor]);
  return createPortal(
    <div
      ref={host}
      className="orrery-floating orrery-snippets-card jp-ThemedContainer"
      role="tooltip"
      onPointerEnter={props.onEnter}
      onPointerLeave={props.onLeave}
    >
      <h3>{snippet.name}</h3>
      <Preview snippet={snippet} />
    </div>,
    document.body
  );
}
