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
  const timers = useRef({ show: 0, hide: 0 });
  const stay = useCallback(() => {
    window.clearTimeout(timers.current.hide);
    timers.current.hide = 0;
  }, []);
  const hide = useCallback(() => {
    window.clearTimeout(timers.current.show);
    stay();
    setCard(null);
  }, [stay]);
  const leave = useCallback(() => {
    timers.current.hide ||= window.setTimeout(() => {
      timers.current.hide = 0;
      setCard(null);
    }, LEAVE_MS);
  }, []);
  useEffect(() => hide, [hide]);
  useLeaving(card, hide, leave, stay);
  return {
    card,
    rest: (snippet, anchor) => {
      window.clearTimeout(timers.current.show);
      if (enabled) {
        timers.current.show = window.setTimeout(() => {
          stay();
          setCard(anchor.isConnected ? { snippet, anchor } : null);
        }, REST_MS);
      }
    },
    stay,
    leave: () => {
      window.clearTimeout(timers.current.show);
      leave();
    },
    hide
  };
}

/**
 * Takes a shown card away when the pointer is elsewhere, on Escape, and when its row is gone or out of sight.
 *
 * A row that is drawn anew, or a panel that is closed, tells nobody that the pointer has left it.
 */
function useLeaving(
  card: ICard | null,
  hide: () => void,
  leave: () => void,
  stay: () => void
): void {
  useEffect(() => {
    if (!card) {
      return;
    }
    const { anchor } = card;
    const onPress = ({ target }: Event): void => {
      // The card has buttons of its own.
      if (!(target instanceof Element && target.closest('.orrery-snippets-card'))) {
        hide();
      }
    };
    const onMove = ({ target }: Event): void => {
      const isInside =
        target instanceof Element &&
        (anchor.contains(target) || target.closest('.orrery-snippets-card') !== null);
      (isInside ? stay : leave)();
    };
    const onKey = ({ key }: KeyboardEvent): void => {
      if (key === 'Escape') {
        hide();
      }
    };
    const observer = new ResizeObserver(() => {
      if (!anchor.isConnected || anchor.getClientRects().length === 0) {
        hide();
      }
    });
    observer.observe(anchor);
    document.addEventListener('pointermove', onMove, true);
    document.addEventListener('keydown', onKey, true);
    document.addEventListener('pointerdown', onPress, true);
    document.documentElement.addEventListener('pointerleave', leave);
    window.addEventListener('blur', hide);
    return () => {
      observer.disconnect();
      document.removeEventListener('pointermove', onMove, true);
      document.removeEventListener('keydown', onKey, true);
      document.removeEventListener('pointerdown', onPress, true);
      document.documentElement.removeEventListener('pointerleave', leave);
      window.removeEventListener('blur', hide);
    };
  }, [card, hide, leave, stay]);
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
