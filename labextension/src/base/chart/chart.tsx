/**
 * A chart in the colours and fonts of the lab, as wide as there is room.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { PlotOptions } from '@observablehq/plot';
import React, { useEffect, useId, useLayoutEffect, useRef, useState } from 'react';

import { connectCells, type CellPosition, type ICells } from './cells';
import { loadChartLibrary, type ChartLibrary } from './library';

/** The width that is drawn where a node has none: without layout. */
const FALLBACK_WIDTH = 480;

/** Gives the options of a plot from the library and the width in pixels. */
export type ChartOptions = (plot: ChartLibrary, width: number) => PlotOptions;

export interface IChartProps {
  trans: Pick<TranslationBundle, '__'>;
  /** The accessible name. */
  label: string;
  /** The numbers in words, for those who do not see the chart. */
  description?: string;
  /** In pixels; kept while the library is fetched, so that nothing jumps. */
  height: number;
  /** A memoized function: another one draws the chart anew. */
  options: ChartOptions;
  /** Makes the chart a grid whose cells work by keyboard; a memoized object. */
  cells?: ICells;
  className?: string;
}

/** Draws a chart with Observable Plot; text comes as text nodes, never as markup. */
export function Chart(props: IChartProps): JSX.Element {
  const { trans, label, description, height, options, cells } = props;
  const id = useId();
  const [container, width] = useWidth();
  const { library, error, retry } = useChartLibrary();
  const position = useRef<CellPosition>([0, 0]);
  const [broken, setBroken] = useState(false);
  useLayoutEffect(() => {
    const node = container.current;
    if (!node || !library || !width) {
      return;
    }
    const hadFocus = node.contains(document.activeElement);
    try {
      const svg = draw(library, options(library, width), width, height);
      if (cells) {
        connectCells(svg, label, cells, position.current, moved => {
          position.current = moved;
        });
      } else {
        svg.setAttribute('aria-hidden', 'true');
      }
      node.replaceChildren(svg);
      setBroken(false);
    } catch {
      node.replaceChildren();
      setBroken(true);
    }
    if (hadFocus) {
      node.querySelector<SVGElement>('[tabindex="0"]')?.focus();
    }
  }, [library, width, height, options, cells, label]);
  return (
    <div
      className={`orrery-chart ${props.className ?? ''}`}
      role={cells ? undefined : 'img'}
      aria-label={cells ? undefined : label}
      aria-describedby={description ? id : undefined}
    >
      <div ref={container} style={{ minBlockSize: height }} />
      {description && (
        <span id={id} className="orrery-hidden">
          {description}
        </span>
      )}
      {error !== null && (
        <button type="button" className="orrery-link" onClick={retry}>
          {trans.__('The chart could not be loaded. Try again')}
        </button>
      )}
      {broken && (
        <p className="orrery-quiet">{trans.__('This chart cannot be drawn.')}</p>
      )}
    </div>
  );
}

function draw(
  library: ChartLibrary,
  options: PlotOptions,
  width: number,
  height: number
): Element {
  const svg = library.plot({
    marginTop: 8,
    ...options,
    width: options.width ?? width,
    height,
    className: 'orrery-chart-plot'
  });
  // A page with a policy for styles says here which it allows; the plot brings a sheet of its own.
  const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]');
  for (const sheet of svg.querySelectorAll('style')) {
    sheet.nonce = nonce?.content ?? '';
  }
  return svg;
}

function useChartLibrary(): {
  library: ChartLibrary | null;
  error: unknown;
  retry: () => void;
} {
  const [library, setLibrary] = useState<ChartLibrary | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let isCurrent = true;
    loadChartLibrary().then(
      plot => isCurrent && (setLibrary(() => plot), setError(null)),
      (reason: unknown) => isCurrent && setError(reason)
    );
    return () => {
      isCurrent = false;
    };
  }, [attempt]);
  return { library, error, retry: () => setAttempt(attempt + 1) };
}

/** A node and its width in pixels; 0 until it is known. */
function useWidth(): [React.RefObject<HTMLDivElement>, number] {
  const node = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    setWidth(node.current!.clientWidth || FALLBACK_WIDTH);
    if (typeof ResizeObserver === 'undefined') {
      return;
    }
    const observer = new ResizeObserver(([entry]) =>
      setWidth(before => Math.round(entry.contentRect.width) || before)
    );
    observer.observe(node.current!);
    return () => observer.disconnect();
  }, []);
  return [node, width];
}
